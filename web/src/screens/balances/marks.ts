/** The payments of the plans, and those that were marked as paid. */

import type { Schemas } from "../../api/client.ts";
import type { Write } from "../../outbox/store.ts";

/** A payment of a plan that is still open. */
export interface OpenPayment {
  debt: Schemas["Debt"];
  currency: string;
  place: Schemas["SettlementTransfer"];
}

/** A payment that was marked as paid. etag: undefined while the write waits. */
export interface Mark extends OpenPayment {
  expenseId: string;
  etag: string | undefined;
  waiting: boolean;
}

/** One text for each place of a plan. */
export function placeOf({ place, currency }: OpenPayment): string {
  return `${place.revision} ${place.index} ${currency}`;
}

/** What was marked on this screen and what still waits on this device, without what was refused or undone. */
export function marksOf(made: readonly Mark[], writes: readonly Write[]): Mark[] {
  const waiting = writes.flatMap((write) => markOf(write) ?? []);
  const gone = new Set(
    writes.flatMap(({ operation, refused }) =>
      operation.kind === "delete" || (operation.kind === "create" && refused) ? [operation.expenseId] : [],
    ),
  );
  const all = [
    ...made.filter(({ expenseId }) => waiting.every((each) => each.expenseId !== expenseId)),
    ...waiting,
  ].map((each) => ({ ...each, waiting: waiting.includes(each) }));
  return all.filter(({ expenseId }) => !gone.has(expenseId));
}

function markOf({ operation }: Write): Mark | undefined {
  const place = operation.kind === "create" ? operation.expense.settlementTransfer : undefined;
  if (operation.kind !== "create" || !place) {
    return undefined;
  }
  const { expense, expenseId } = operation;
  const [fromMemberId = "", toMemberId = ""] = [
    expense.payments[0]?.memberId,
    expense.split?.equal?.memberIds?.[0],
  ];
  const debt = { fromMemberId, toMemberId, amount: expense.amount ?? "0" };
  return { debt, currency: expense.currencyCode ?? "", place, expenseId, etag: undefined, waiting: true };
}
