/**
 * Gives a text to another app by the share sheet of the device, or to the clipboard where there is none.
 *
 * @returns what became of it; `cancelled` if the user closed the share sheet
 * @throws if the browser allows neither
 */
export async function share(text: string, title: string): Promise<"shared" | "copied" | "cancelled"> {
  const { share: open } = navigator as { share?: Navigator["share"] };
  if (open) {
    try {
      await open.call(navigator, { title, text });
      return "shared";
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") {
        return "cancelled";
      }
    }
  }
  await navigator.clipboard.writeText(text);
  return "copied";
}
