const TOKEN = /^[A-Za-z0-9_-]{16,200}$/;
const PAGES = new Set(["join", "invitations"]);

/**
 * The token in what somebody pastes: the link of an invitation, a message around it, or the token alone.
 *
 * @returns undefined if there is none
 */
export function tokenOf(pasted: string): string | undefined {
  const text = pasted.trim();
  if (TOKEN.test(text)) {
    return text;
  }
  for (const word of text.split(/\s+/)) {
    const parts = word.replace(/[?#].*$/, "").split("/");
    const token = parts[parts.findIndex((part) => PAGES.has(part)) + 1]?.match(/^[A-Za-z0-9_-]+/)?.[0];
    if (parts.some((part) => PAGES.has(part)) && token && TOKEN.test(token)) {
      return token;
    }
  }
  return undefined;
}
