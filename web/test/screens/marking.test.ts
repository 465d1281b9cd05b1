import { expect, test } from "vitest";
import type { Write } from "../../src/outbox/store.ts";
import { marksOf, type Mark } from "../../src/screens/balances/marks.ts";

const place = { revision: "7", index: 0 };

function create(expenseId: string): Write {
  const expense = {
    kind: "EXPENSE_KIND_TRANSFER" as const,
    reason: "Settling up",
    currencyCode: "EUR",
    amount: "83.10",
    payments: [{ memberId: "mbr_ben" }],
    split: { equal: { memberIds: ["mbr_ana"] } },
    settlementTransfer: place,
  };
  return write(expenseId, { kind: "create", expenseId, expense });
}

function write(key: string, operation: Write["operation"]): Write {
  return { key, userId: "usr_ana", eventId: "evt_trip", operation, madeAt: "2026-11-30T12:00:00Z" };
}

function made(expenseId: string): Mark {
  const debt = { fromMemberId: "mbr_ben", toMemberId: "mbr_ana", amount: "83.10" };
  return { debt, currency: "EUR", place, expenseId, etag: "v1", waiting: false };
}

const REFUSED = { status: 400, reason: "SETTLEMENT_CHANGED", message: "", violations: [] };

test("a payment that waits on this device is marked, also after the page was loaded again", () => {
  expect(marksOf([], [create("exp_1")])).toEqual([{ ...made("exp_1"), etag: undefined, waiting: true }]);
});

test("a payment that was sent is marked, and no longer waits", () => {
  expect(marksOf([made("exp_1")], [])).toEqual([made("exp_1")]);
});

test("one payment is one mark, while it waits", () => {
  expect(marksOf([{ ...made("exp_1"), waiting: true }], [create("exp_1")])).toHaveLength(1);
});

test("a payment that waits to be undone is not marked", () => {
  const undone = write("undo", { kind: "delete", expenseId: "exp_1" });
  expect(marksOf([made("exp_1"), made("exp_2")], [create("exp_1"), undone])).toEqual([made("exp_2")]);
});

test("a payment that the server refused is not marked", () => {
  expect(marksOf([made("exp_1")], [{ ...create("exp_1"), refused: REFUSED }])).toEqual([]);
});

test("other expenses that wait are no payments of the plan", () => {
  const dinner = { reason: "Dinner", payments: [{ memberId: "mbr_ben" }] };
  expect(marksOf([], [write("exp_3", { kind: "create", expenseId: "exp_3", expense: dinner })])).toEqual([]);
});
