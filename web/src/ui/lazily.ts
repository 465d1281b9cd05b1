/** Parts of the app that are loaded when they are first shown. */

import { lazy, type ComponentType, type LazyExoticComponent } from "react";

/** The part is not on this device, and could not be loaded. */
export class NotLoaded extends Error {}

// As in React itself: a component of any props.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Part = ComponentType<any>;

export function lazily<T extends Part>(load: () => Promise<{ default: T }>): LazyExoticComponent<T> {
  return lazy(() =>
    load().catch((cause: unknown) => {
      throw new NotLoaded("This part of the app could not be loaded.", { cause });
    }),
  );
}

/** Loads the page again if the server answers: without it, there may be no page. */
export async function reloadIfReachable(): Promise<void> {
  const answer = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) {
    location.reload();
  }
}
