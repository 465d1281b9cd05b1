/** What the list shows: the expenses of the server, with the writes of this device that it has not answered yet. */

import type { Schemas } from "../../api/client.ts";
import { localDay } from "../../dates.ts";
import type { Write } from "../../outbox/index.ts";

type Expense = Schemas["Expense"];

/**
 * An expense as this device knows it. state: whether a write of it waits, or was refused. isNew: the server has never
 * seen it. deleted: by the server, or by a write that waits.
 */
export interface Entry {
  expense: Expense;
  state: "saved" | "waiting" | "refused";
  isNew: boolean;
  deleted: boolean;
}

/** An expense with the writes of it, in the order in which they were made. Comments change none. */
export function withWrites(expense: Expense, writes: readonly Write[]): Entry {
  const start: Entry = { expense, state: "saved", isNew: false, deleted: expense.deleteTime !== undefined };
  return writes.filter((write) => write.operation.expenseId === expense.id).reduce(apply, start);
}

/** An expense that only this device knows. Undefined if no write creates it. */
export function newEntry(expenseId: string, writes: readonly Write[]): Entry | undefined {
  const write = writes.find(
    ({ operation }) => operation.kind === "create" && operation.expenseId === expenseId,
  );
  if (write?.operation.kind !== "create") {
    return undefined;
  }
  const date = write.operation.expense.date || localDay(new Date(write.madeAt));
  return { ...withWrites({ ...write.operation.expense, id: expenseId, date }, writes), isNew: true };
}

function apply(entry: Entry, { operation, refused }: Write): Entry {
  if (operation.kind === "comment") {
    return entry;
  }
  const state = refused || entry.state === "refused" ? "refused" : "waiting";
  if (refused) {
    return { ...entry, state };
  }
  switch (operation.kind) {
    case "update":
      return { ...entry, state, expense: changed(entry.expense, operation.expense) };
    case "delete":
      return { ...entry, state, deleted: true };
    case "undelete":
    case "restore":
      return { ...entry, state, deleted: false };
    case "create":
      return { ...entry, state };
  }
}

const OF_SHARES = ["amount", "payments", "split", "kind", "currencyCode"] as const;

/** The server computes the shares: they are unknown until it has seen what they depend on. */
function changed(expense: Expense, change: Schemas["UpdateExpenseBody"]): Expense {
  const { shares, ...others } = expense;
  const same = OF_SHARES.every((field) => change[field] === undefined);
  return { ...others, ...(same && shares && { shares }), ...change };
}

export interface Day {
  date: string;
  entries: Entry[];
}

/**
 * The days, newest first.
 *
 * @param withNew whether expenses that the server has never seen are shown: nobody can say whether a filter fits them
 */
export function daysOf(expenses: readonly Expense[], writes: readonly Write[], withNew: boolean): Day[] {
  const known = new Set(expenses.map((expense) => expense.id));
  const ids = writes.map((write) => write.operation.expenseId).filter((id) => !known.has(id));
  const added = withNew ? [...new Set(ids)].reverse().flatMap((id) => newEntry(id, writes) ?? []) : [];
  const days = new Map<string, Entry[]>();
  for (const entry of [...added, ...expenses.map((expense) => withWrites(expense, writes))]) {
    const date = entry.expense.date ?? "";
    const day = days.get(date);
    if (day) {
      day.push(entry);
    } else {
      days.set(date, [entry]);
    }
  }
  return [...days].map(([date, entries]) => ({ date, entries })).sort((a, b) => (a.date < b.date ? 1 : -1));
}
