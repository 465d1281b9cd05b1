import { expect, test } from "vitest";
import type { Schemas } from "../../src/api/client.ts";
import { myPart } from "../../src/screens/event/my-part.ts";

function expense(net: string, kind: Schemas["ExpenseKind"] = "EXPENSE_KIND_EXPENSE"): Schemas["Expense"] {
  return { reason: "Dinner", kind, payments: [], shares: [{ memberId: "me", net }] };
}

test.each([
  ["32.40", "lent", "32.40"],
  ["-16.20", "owe", "16.20"],
  ["0.00", "even", "0.00"],
])("%s is %s", (net, is, amount) => {
  expect(myPart(expense(net), "me")).toEqual({ is, amount });
});

test("a transfer is paid or received", () => {
  expect(myPart(expense("20.00", "EXPENSE_KIND_TRANSFER"), "me").is).toBe("paid");
  expect(myPart(expense("-20.00", "EXPENSE_KIND_TRANSFER"), "me").is).toBe("received");
});

test("who has no share is not involved", () => {
  expect(myPart(expense("32.40"), "other").is).toBe("uninvolved");
});

test("nobody knows a part that the server has not computed", () => {
  expect(myPart({ reason: "Dinner", payments: [] }, "me").is).toBe("unknown");
});
