/** What becomes of the writes in the outbox. Each function returns the new ones; their order is that of sending. */

import type { Operation, Sent } from "./operations.ts";
import type { Write } from "./store.ts";

/** The first write that may be sent now. */
export function nextOf(writes: readonly Write[]): Write | undefined {
  return writes.find((write, index) => !write.refused && !isHeld(write, writes.slice(0, index)));
}

/** Whether a write needs a decision about an earlier one of the same expense, on which it builds. */
export function isHeld(write: Write, earlier: readonly Write[]): boolean {
  return earlier.some(
    (each) =>
      each.refused !== undefined &&
      each.operation.expenseId === write.operation.expenseId &&
      each.operation.kind !== "comment" &&
      (write.operation.kind !== "comment" || each.operation.kind === "create"),
  );
}

/**
 * What becomes of a refused write if the user changes the expense once more: both in one, which the server may accept.
 * Undefined if the operation corrects none.
 */
export function correctionOf(
  writes: readonly Write[],
  operation: Operation,
): { key: string; operation: Operation } | undefined {
  const wrong = writes.find((each) => each.refused && each.operation.expenseId === operation.expenseId);
  if (!wrong || operation.kind !== "update") {
    return undefined;
  }
  const { key, operation: before } = wrong;
  if (before.kind === "create") {
    return { key, operation: { ...before, expense: { ...before.expense, ...operation.expense } } };
  }
  if (before.kind === "update") {
    return { key, operation: { ...operation, expense: { ...before.expense, ...operation.expense } } };
  }
  return undefined;
}

/** Without one that was answered. Later writes to the same expense go on from its new etag. */
export function answered(writes: readonly Write[], write: Write, sent: Sent): Write[] {
  const etag = "etag" in sent ? sent.etag : undefined;
  return follow(discarded(writes, write.key), write, etag);
}

/** With another in the place of one, at the end if that one is gone. Later writes go on from the etag of the other. */
export function replaced(writes: readonly Write[], key: string, by: Write): Write[] {
  const before = writes.find((each) => each.key === key);
  return before
    ? follow(writes, before, etagOf(by)).map((each) => (each.key === key ? by : each))
    : [...writes, by];
}

/** With the reason why the server refused one; undefined: it waits again. */
export function refused(writes: readonly Write[], key: string, why: Write["refused"]): Write[] {
  return writes.map((each) => {
    if (each.key !== key) {
      return each;
    }
    const changed = { ...each };
    delete changed.refused;
    return why ? { ...changed, refused: why } : changed;
  });
}

export function discarded(writes: readonly Write[], key: string): Write[] {
  return writes.filter((each) => each.key !== key);
}

/** Gives the writes that build on the same version of an expense as `write` a newer etag. */
function follow(writes: readonly Write[], write: Write, etag: string | undefined): Write[] {
  const before = etagOf(write);
  return writes.map((each) => {
    const { operation } = each;
    const follows =
      etag !== undefined &&
      operation.expenseId === write.operation.expenseId &&
      operation.kind !== "create" &&
      operation.kind !== "comment" &&
      operation.etag === before;
    return follows ? { ...each, operation: { ...operation, etag } } : each;
  });
}

function etagOf({ operation }: Write): string | undefined {
  return "etag" in operation ? operation.etag : undefined;
}
