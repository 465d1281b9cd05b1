/** What was typed when the session turned out to have ended, in the memory of this page: the log-in leads back to it. */

import type { Friend, NewEvent } from "./creating.ts";

/** eventId: of the event that is being started. adding: a name that is not among the friends yet. */
export interface Typed extends NewEvent {
  eventId: string;
  friends: readonly Friend[];
  adding: string;
}

let kept: { userId: string; typed: Typed } | undefined;

export function keepTyped(userId: string, typed: Typed): void {
  kept = { userId, typed };
}

/** Gives it back once, and to the same user only. */
export function takeTyped(userId: string): Typed | undefined {
  const found = kept;
  kept = undefined;
  return found?.userId === userId ? found.typed : undefined;
}
