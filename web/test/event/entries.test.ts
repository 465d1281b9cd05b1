import { describe, expect, test } from "vitest";
import type { Schemas } from "../../src/api/client.ts";
import type { Operation, Write } from "../../src/outbox/index.ts";
import { daysOf, newEntry, withWrites } from "../../src/screens/event/entries.ts";

const dinner: Schemas["Expense"] = {
  id: "exp_1",
  reason: "Dinner",
  date: "2026-11-28",
  amount: "48.60",
  payments: [{ memberId: "bo" }],
  shares: [{ memberId: "bo", paid: "48.60", owed: "24.30", net: "24.30" }],
};
const taxi: Schemas["Expense"] = { ...dinner, id: "exp_2", reason: "Taxi", date: "2026-11-27" };

function write(operation: Operation, refused = false): Write {
  const refusal = { status: 409, reason: "ETAG_STALE", message: "", violations: [] };
  return {
    key: operation.kind,
    userId: "usr_1",
    eventId: "evt_1",
    operation,
    madeAt: "2026-11-29T12:00:00Z",
    ...(refused && { refused: refusal }),
  };
}

const coffee: Operation = {
  kind: "create",
  expenseId: "exp_3",
  expense: { reason: "Coffee", amount: "3.00", date: "2026-11-28", payments: [{ memberId: "bo" }] },
};

describe("an expense with the writes that wait", () => {
  test("without writes is as the server said", () => {
    expect(withWrites(dinner, [])).toEqual({
      expense: dinner,
      state: "saved",
      isNew: false,
      deleted: false,
    });
  });

  test("shows the new reason, and keeps the shares that it does not concern", () => {
    const entry = withWrites(dinner, [
      write({ kind: "update", expenseId: "exp_1", expense: { reason: "Supper" } }),
    ]);
    expect(entry.state).toBe("waiting");
    expect(entry.expense.reason).toBe("Supper");
    expect(entry.expense.shares).toEqual(dinner.shares);
  });

  test("does not show shares of an amount that has changed", () => {
    const update: Operation = { kind: "update", expenseId: "exp_1", expense: { amount: "50.00" } };
    expect(withWrites(dinner, [write(update)]).expense.shares).toBeUndefined();
  });

  test("is deleted, and back again", () => {
    const gone = write({ kind: "delete", expenseId: "exp_1" });
    const back = write({ kind: "undelete", expenseId: "exp_1" });
    expect(withWrites(dinner, [gone]).deleted).toBe(true);
    expect(withWrites(dinner, [gone, back]).deleted).toBe(false);
  });

  test("stays as it is on the server where a write was refused", () => {
    const update: Operation = { kind: "update", expenseId: "exp_1", expense: { amount: "50.00" } };
    const entry = withWrites(dinner, [write(update, true)]);
    expect(entry.state).toBe("refused");
    expect(entry.expense.amount).toBe("48.60");
  });

  test("a comment and the writes of other expenses change nothing", () => {
    const writes = [
      write({ kind: "comment", expenseId: "exp_1", text: "Hm" }),
      write({ kind: "delete", expenseId: "exp_2" }),
    ];
    expect(withWrites(dinner, writes).state).toBe("saved");
  });
});

describe("an expense that only this device knows", () => {
  test("has the later writes of it", () => {
    const update: Operation = { kind: "update", expenseId: "exp_3", expense: { amount: "4.00" } };
    const entry = newEntry("exp_3", [write(coffee), write(update)]);
    expect(entry?.isNew).toBe(true);
    expect(entry?.expense).toMatchObject({ id: "exp_3", reason: "Coffee", amount: "4.00" });
  });

  test("says that it was refused", () => {
    expect(newEntry("exp_3", [write(coffee, true)])?.state).toBe("refused");
  });

  test("is none without its creation", () => {
    expect(newEntry("exp_3", [write({ kind: "comment", expenseId: "exp_3", text: "Hm" })])).toBeUndefined();
  });
});

describe("the days", () => {
  const summary = (withNew: boolean, expenses = [dinner, taxi]) =>
    daysOf(expenses, [write(coffee)], withNew).map(
      (day) => `${day.date}: ${day.entries.map(({ expense }) => expense.reason).join(", ")}`,
    );

  test("come newest first, with what waits at its day", () => {
    expect(summary(true)).toEqual(["2026-11-28: Coffee, Dinner", "2026-11-27: Taxi"]);
  });

  test("have only what the server found under a filter", () => {
    expect(summary(false)).toEqual(["2026-11-28: Dinner", "2026-11-27: Taxi"]);
  });

  test("have an expense once, also while its write is being answered", () => {
    const sent = { ...dinner, id: "exp_3", reason: "Coffee" };
    expect(summary(true, [sent])).toEqual(["2026-11-28: Coffee"]);
  });
});
