/** Where a log-in leads to: the screen that asked for it, never another site. */

/**
 * @param search the query of the address, such as `?next=%2Fevents%2Fevt_1`
 * @returns a path of this origin; `/` if there is none, or if it leads elsewhere
 */
export function nextOf(search: string, origin: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  if (!next.startsWith("/")) {
    return "/";
  }
  try {
    const { pathname, search: query, hash, origin: leadsTo } = new URL(next, origin);
    // A path such as `//example.com`, also of `/..//example.com`, is the address of another site.
    return leadsTo === origin && !pathname.startsWith("//") ? pathname + query + hash : "/";
  } catch {
    return "/";
  }
}

/** The address of an account screen that leads on to `next`. */
export function withNext(screen: "/login" | "/signup", next: string): string {
  return next === "/" ? screen : `${screen}?next=${encodeURIComponent(next)}`;
}
