/** The way back: the arrow of a screen takes the same step as the back button, where it leads to the same place. */

/** Where browsers have it: Chromium since 102, Safari since 26.2, Firefox since 147. */
interface Entries {
  currentEntry: { index: number } | null;
  entries: () => { url: string | null }[];
}

/** Leaves a screen that is done. The way back does not lead to it again. */
export function leaveTo(
  address: string,
  navigate: (to: string, options: { replace: boolean }) => void,
): void {
  if (cameFrom(address)) {
    history.back();
  } else {
    navigate(address, { replace: true });
  }
}

/** Whether the step before this one was at this address of the app. */
export function cameFrom(address: string): boolean {
  const { navigation } = window as { navigation?: Entries };
  const before = navigation?.entries()[(navigation.currentEntry?.index ?? 0) - 1];
  return before?.url === new URL(address, location.origin).href;
}
