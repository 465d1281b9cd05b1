import { describe, expect, test } from "vitest";
import type { Schemas } from "../../src/api/client.ts";
import { fieldOf, faultsOf } from "../../src/screens/expense-form/model/faults.ts";
import { figuresOf, giveRest, hasThousands, shortest } from "../../src/screens/expense-form/model/figures.ts";
import { emptyState, NO_PARTS, type FormState } from "../../src/screens/expense-form/model/form-state.ts";
import { copyOf, fromExpense } from "../../src/screens/expense-form/model/from-api.ts";
import { toExpense } from "../../src/screens/expense-form/model/to-api.ts";
import { usualSplit } from "../../src/screens/expense-form/model/usual-split.ts";

const EUROS = 2;
const EMPTY = emptyState({ currency: "EUR", date: "2026-11-28", own: "ana", memberIds: ["ana", "bo"] });
const DINNER: FormState = { ...EMPTY, amount: "48,60", reason: " Dinner " };

const SPLITS: Record<string, Schemas["Split"]> = {
  equal: { equal: { memberIds: ["ana", "bo"] } },
  weights: {
    weights: {
      parts: [
        { memberId: "ana", weightDecimal: "2" },
        { memberId: "bo", weightDecimal: "0.5" },
      ],
    },
  },
  percent: {
    percent: {
      parts: [
        { memberId: "ana", percent: "33.3333" },
        { memberId: "bo", percent: "66.6667" },
      ],
    },
  },
  exact: {
    exact: {
      parts: [
        { memberId: "ana", amount: "40.00" },
        { memberId: "bo", amount: "8.60" },
      ],
    },
  },
  adjusted: {
    adjusted: {
      parts: [
        { memberId: "ana", adjustment: "-5.00" },
        { memberId: "bo", adjustment: "0.00" },
      ],
    },
  },
  itemized: {
    itemized: {
      items: [
        { name: "Soup", amount: "40.00", memberIds: ["ana"] },
        { name: "", amount: "6.60", memberIds: ["ana", "bo"] },
      ],
      tax: "0.00",
      tip: "2.00",
    },
  },
};

function expense(split: Schemas["Split"], other: Partial<Schemas["Expense"]> = {}): Schemas["Expense"] {
  return {
    kind: "EXPENSE_KIND_EXPENSE",
    reason: "Dinner",
    date: "2026-11-28",
    category: "food",
    notes: "By the river",
    currencyCode: "EUR",
    amount: "48.60",
    payments: [{ memberId: "ana", amount: "48.60" }],
    split,
    ...other,
  };
}

describe("an expense in the form and back", () => {
  test.each(Object.entries(SPLITS))("split %s: is the same", (_, split) => {
    const given = expense(split);
    const state = fromExpense(given, EUROS);
    expect(toExpense(state, EUROS)).toEqual(given);
    expect([...faultsOf(state, EUROS)]).toEqual([]);
  });

  test("several payers, and the other kinds", () => {
    const payments = [
      { memberId: "ana", amount: "40.00" },
      { memberId: "bo", amount: "8.60" },
    ];
    const income = expense(SPLITS["equal"] ?? {}, { kind: "EXPENSE_KIND_INCOME", payments });
    expect(toExpense(fromExpense(income, EUROS), EUROS)).toEqual(income);
    const transfer = expense({ equal: { memberIds: ["bo"] } }, { kind: "EXPENSE_KIND_TRANSFER" });
    expect(fromExpense(transfer, EUROS).receiverId).toBe("bo");
    expect(toExpense(fromExpense(transfer, EUROS), EUROS)).toEqual(transfer);
  });

  test.each([
    [0, "JPY", "1234"],
    [3, "KWD", "1.234"],
    [4, "CLF", "1.2345"],
  ])("%d digits", (digits, currencyCode, amount) => {
    const given = expense(
      { exact: { parts: [{ memberId: "bo", amount }] } },
      { currencyCode, amount, payments: [{ memberId: "ana", amount }] },
    );
    expect(toExpense(fromExpense(given, digits), digits)).toEqual(given);
  });

  test("a whole weight comes as a number", () => {
    const parts = [{ memberId: "ana", weight: 0 }];
    expect(fromExpense(expense({ weights: { parts } }), EUROS).parts.weights).toEqual({ ana: "0" });
  });
});

test("the shortest form is an expense of everybody", () => {
  expect(toExpense(DINNER, EUROS)).toMatchObject({
    reason: "Dinner",
    amount: "48.60",
    payments: [{ memberId: "ana", amount: "48.60" }],
    split: { equal: { memberIds: ["ana", "bo"] } },
  });
});

test("a copy has a new day, and leaves out who has left", () => {
  const copy = copyOf(expense(SPLITS["itemized"] ?? {}), {
    digits: EUROS,
    date: "2026-12-01",
    memberIds: ["bo"],
  });
  expect(copy).toMatchObject({ date: "2026-12-01", payerIds: [], memberIds: ["bo"] });
  expect(copy.lines.map((line) => line.memberIds)).toEqual([[], ["bo"]]);
});

describe("what is wrong", () => {
  const wrong = (state: Partial<FormState>) => [...faultsOf({ ...DINNER, ...state }, EUROS)];
  const parts = (mode: keyof FormState["parts"], typed: Record<string, string>) =>
    ({ mode, parts: { ...NO_PARTS, [mode]: typed } }) satisfies Partial<FormState>;
  const line = { key: "1", name: "Soup", amount: "48.60", memberIds: ["bo"] };

  test.each<[string, Partial<FormState>, [string, string][]]>([
    ["nothing", {}, []],
    ["no amount", { amount: " " }, [["amount", "amount-missing"]]],
    ["no amount of euros", { amount: "1.2345.6" }, [["amount", "amount-wrong"]]],
    ["zero", { amount: "0" }, [["amount", "amount-wrong"]]],
    ["too much", { amount: "100000000000" }, [["amount", "amount-too-large"]]],
    ["no reason", { reason: " " }, [["reason", "reason-missing"]]],
    ["nobody", { memberIds: [] }, [["members", "nobody"]]],
    ["no day", { date: "" }, [["date", "date-missing"]]],
    [
      "payers who pay too little",
      { payerIds: ["ana", "bo"], paid: { ana: "40", bo: "8" } },
      [["payers", "paid-differs"]],
    ],
    [
      "a payer without an amount",
      { payerIds: ["ana", "bo"], paid: { ana: "48.60" } },
      [["paid.bo", "amount-wrong"]],
    ],
    ["shares of zero", parts("weights", { ana: "0" }), [["split", "weights-zero"]]],
    ["less than zero", parts("exact", { ana: "-1", bo: "49.60" }), [["part.ana", "negative"]]],
    ["99 %", parts("percent", { ana: "99" }), [["split", "ungiven"]]],
    ["words", parts("exact", { ana: "48.60", bo: "x" }), [["part.bo", "number-wrong"]]],
    ["a part below zero", parts("adjusted", { ana: "-60" }), [["split", "part-negative"]]],
    ["no lines", { mode: "itemized" }, [["split", "no-lines"]]],
    ["lines of another sum", { mode: "itemized", lines: [line], tip: "1" }, [["split", "ungiven"]]],
    [
      "a line of nobody",
      { mode: "itemized", lines: [{ ...line, memberIds: [] }] },
      [["line.1.members", "line-nobody"]],
    ],
    [
      "a payment to oneself",
      { kind: "EXPENSE_KIND_TRANSFER", receiverId: "ana" },
      [["receiver", "receiver-pays"]],
    ],
  ])("%s", (_, state, faults) => {
    expect(wrong(state)).toEqual(faults);
  });

  test("a payment needs no reason", () => {
    expect(wrong({ kind: "EXPENSE_KIND_TRANSFER", receiverId: "bo", reason: "" })).toEqual([]);
  });
});

test.each<[string, string, Partial<FormState>]>([
  ["amount", "amount", {}],
  ["expense.reason", "reason", {}],
  ["currency_code", "currency", {}],
  ["payments[0].amount", "payers", {}],
  ["payments[1].amount", "paid.bo", { payerIds: ["ana", "bo"] }],
  ["split.equal.member_ids[1]", "members", {}],
  ["split.weights.parts[1].weight", "part.bo", { mode: "weights" }],
  ["split.percent.parts", "split", { mode: "percent" }],
  [
    "split.itemized.items[0].amount",
    "line.7.amount",
    { mode: "itemized", lines: [{ key: "7", name: "", amount: "", memberIds: [] }] },
  ],
  ["split.itemized.tip", "tip", { mode: "itemized" }],
  ["split", "receiver", { kind: "EXPENSE_KIND_TRANSFER" }],
])("the server's %s is the field %s", (path, field, state) => {
  expect(fieldOf(path, { ...DINNER, ...state })).toBe(field);
});

test("the rest goes to the empty fields, or else to the last", () => {
  expect(giveRest(["ana", "bo", "chi"], { ana: "10" }, 501n, EUROS)).toMatchObject({ ana: "10" });
  const { bo = "", chi = "" } = giveRest(["ana", "bo", "chi"], { ana: "10" }, 501n, EUROS);
  expect([bo, chi].sort()).toEqual(["2.50", "2.51"]);
  expect(giveRest(["ana", "bo"], { ana: "1", bo: "2" }, 50n, EUROS)).toEqual({ ana: "1", bo: "2.50" });
  expect(giveRest(["ana"], {}, 500_000n, 4, shortest)).toEqual({ ana: "50" });
});

test("what is left is known while it is typed", () => {
  const typed = { ...DINNER, mode: "exact" as const, parts: { ...NO_PARTS, exact: { ana: "45,20" } } };
  expect(figuresOf(typed, EUROS, "exp")).toMatchObject({ ungiven: 340n, owed: undefined });
});

describe("the split that a new expense begins with", () => {
  const member = (id: string, other: Partial<Schemas["Member"]> = {}) =>
    ({ id, name: id, weight: 1, state: "MEMBER_STATE_ACTIVE", ...other }) as Schemas["Member"];
  const gone = member("gone", { state: "MEMBER_STATE_INACTIVE" });

  test("everybody who is there, equally", () => {
    expect(usualSplit(undefined, [member("ana"), member("bo"), gone])).toMatchObject({
      mode: "equal",
      memberIds: ["ana", "bo"],
    });
  });

  test("by the usual shares, if they differ", () => {
    const half = { id: "bo", weightDecimal: "0.5" };
    expect(usualSplit({ equal: {} }, [member("ana"), half])).toMatchObject({ mode: "equal" });
    expect(usualSplit(undefined, [member("ana"), half])).toMatchObject({
      mode: "weights",
      parts: { weights: { ana: "1", bo: "0.5" } },
    });
  });

  test("the event's own, without who has left", () => {
    const parts = [
      { memberId: "ana", percent: "25" },
      { memberId: "bo", percent: "50" },
      { memberId: "gone", percent: "25" },
    ];
    expect(usualSplit({ percent: { parts } }, [member("ana"), member("bo"), gone])).toMatchObject({
      mode: "weights",
      parts: { weights: { ana: "25", bo: "50" } },
    });
    expect(usualSplit({ equal: { memberIds: ["bo"] } }, [member("ana"), member("bo")])).toMatchObject({
      mode: "equal",
      memberIds: ["bo"],
    });
  });
});

describe("how an amount is read is shown", () => {
  test.each([
    ["48.60", 4860n, EUROS, false],
    ["1234,50", 123450n, EUROS, false],
    ["1.234", 123400n, EUROS, true],
    ["1,234.50", 123450n, EUROS, true],
    ["1.234", 1234n, 3, true],
    ["12300", 12300n, 0, false],
    ["123456789.99", 12345678999n, EUROS, true],
  ])("%s as %s units with %s digits: %s", (typed, units, digits, shown) => {
    expect(hasThousands(typed, units, digits)).toBe(shown);
  });
});

test("a currency without a fraction says so", () => {
  expect(faultsOf({ ...DINNER, currency: "JPY" }, 0).get("amount")).toBe("amount-not-whole");
});
