/** Where each screen was scrolled to: the way back leads to the same place, and every other way to the top. */

const places = new Map<string, number>();
let goesBack = false;

const address = (): string => location.pathname + location.search;

window.addEventListener("scroll", () => places.set(address(), window.scrollY), { passive: true });
window.addEventListener("popstate", () => {
  goesBack = true;
});
// wouter tells of its own steps by this event.
window.addEventListener("pushState", () => {
  goesBack = false;
});

/** Called when a screen appears. */
export function scrollToPlace(): void {
  const top = goesBack ? (places.get(address()) ?? 0) : 0;
  window.scrollTo({ top, behavior: "instant" });
}
