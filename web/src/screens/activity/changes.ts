/** What the screen makes of the changes of an event: days, what is unread, and what can be taken back. */

import type { Schemas } from "../../api/client.ts";
import { localDay } from "../../dates.ts";
import type { Operation } from "../../outbox/index.ts";

type Change = Schemas["Change"];

export interface Day {
  /** `YYYY-MM-DD`, in the time zone of this device. */
  day: string;
  changes: Change[];
}

/** The changes by day, in the order that they have. */
export function byDay(changes: readonly Change[]): Day[] {
  const days: Day[] = [];
  for (const change of changes) {
    const day = localDay(new Date(change.createTime ?? 0));
    const last = days.at(-1);
    if (last?.day === day) {
      last.changes.push(change);
    } else {
      days.push({ day, changes: [change] });
    }
  }
  return days;
}

/** Whether another member made the change after the user last looked. seen: undefined while it is not known. */
export function isUnread(change: Change, me: string | undefined, seen: string | undefined): boolean {
  return seen !== undefined && change.actorMemberId !== me && BigInt(change.revision ?? "0") > BigInt(seen);
}

/** The expense that a change is about; empty for a change of members or of the event. */
export function expenseOf(change: Change): string {
  const { subjectId = "", before, after } = change;
  return subjectId.startsWith("exp_") ? subjectId : ((after ?? before)?.comment?.expenseId ?? "");
}

/** The revisions at which each expense changed last. The changes are the newest ones, newest first. */
export function lastChanges(changes: readonly Change[]): ReadonlySet<string> {
  const known = new Set<string>();
  const last = new Set<string>();
  for (const { subjectId = "", revision = "" } of changes) {
    if (!known.has(subjectId)) {
      known.add(subjectId);
      last.add(revision);
    }
  }
  return last;
}

/**
 * What takes the last change of an expense back: a deletion, or an edit. The etag makes sure that it is still the last
 * one. undefined: there is nothing to take back.
 */
export function reversal(change: Change): Extract<Operation, { kind: "undelete" | "restore" }> | undefined {
  const [before, after] = [change.before?.expense, change.after?.expense];
  const expenseId = change.subjectId ?? "";
  const known = after?.etag ? { etag: after.etag } : {};
  switch (change.kind) {
    case "CHANGE_KIND_EXPENSE_DELETED":
      return { kind: "undelete", expenseId, ...known };
    case "CHANGE_KIND_EXPENSE_UPDATED":
    case "CHANGE_KIND_EXPENSE_RESTORED":
      return before?.version === undefined
        ? undefined
        : { kind: "restore", expenseId, version: before.version, ...known };
    default:
      return undefined;
  }
}
