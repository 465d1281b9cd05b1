import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromApi, toApi } from "../../src/money/amount.ts";
import { effects, splitAmount, sum, type Part, type Split } from "../../src/money/split.ts";

/** What tools/split_vectors.py writes. */
type Vector = [
  expenseId: string,
  digits: number,
  amount: string,
  payments: Record<string, string>,
  mode: Split["mode"],
  split: unknown,
  owed: Record<string, string>,
];

const VECTORS = JSON.parse(
  readFileSync(new URL("../vectors/splits.json", import.meta.url), "utf-8"),
) as Vector[];

const PART_DIGITS = { weights: 3, percent: 4 };

function read(mode: Split["mode"], written: unknown, digits: number): Split {
  const units = (text: string) => fromApi(text, digits);
  switch (mode) {
    case "equal":
      return { mode, memberIds: written as string[] };
    case "itemized": {
      const [lines, tax, tip] = written as [[string, string[]][], string, string];
      const items = lines.map(([amount, memberIds]) => ({ amount: units(amount), memberIds }));
      return { mode, items, tax: units(tax), tip: units(tip) };
    }
    default: {
      const partDigits = mode === "weights" || mode === "percent" ? PART_DIGITS[mode] : digits;
      const parts = Object.entries(written as Record<string, string>).map(([memberId, text]): Part => ({
        memberId,
        value: fromApi(text, partDigits),
      }));
      return { mode, parts };
    }
  }
}

describe("the server's ledger", () => {
  test("divides 10,000 random expenses to the same cents", () => {
    expect(VECTORS).toHaveLength(10_000);
    const different = VECTORS.filter(([expenseId, digits, amount, payments, mode, split, owed]) => {
      const computed = splitAmount(fromApi(amount, digits), read(mode, split, digits), expenseId);
      const everybody = new Map(Object.keys(payments).map((id) => [id, 0n]));
      computed?.forEach((part, id) => everybody.set(id, part));
      return (
        !computed ||
        everybody.size !== Object.keys(owed).length ||
        [...everybody].some(([id, part]) => toApi(part, digits) !== owed[id])
      );
    });
    expect(different).toEqual([]);
  });

  test("every mode and number of digits is among them", () => {
    const kinds = new Set(VECTORS.map(([, digits, , , mode]) => `${mode} ${digits}`));
    expect(kinds.size).toBe(6 * 4);
  });

  test("shares sum to the amount, and the changes of the balances to zero", () => {
    for (const [expenseId, digits, amount, payments, mode, split] of VECTORS) {
      const units = fromApi(amount, digits);
      const owed = splitAmount(units, read(mode, split, digits), expenseId) ?? new Map<string, bigint>();
      expect(sum(owed.values())).toBe(units);
      const paid = new Map(Object.entries(payments).map(([id, text]) => [id, fromApi(text, digits)]));
      expect(sum(effects(paid, owed, false).values())).toBe(0n);
    }
  });
});

describe("what the server would refuse", () => {
  const ana = (value: bigint): Part => ({ memberId: "ana", value });

  test.each<[string, Split]>([
    ["nobody", { mode: "equal", memberIds: [] }],
    ["weights of zero", { mode: "weights", parts: [ana(0n)] }],
    ["percentages that are not 100", { mode: "percent", parts: [ana(999_999n)] }],
    ["exact amounts of another sum", { mode: "exact", parts: [ana(999n)] }],
    ["an adjustment below zero", { mode: "adjusted", parts: [ana(-2000n), { memberId: "bo", value: 0n }] }],
    [
      "lines of another sum",
      { mode: "itemized", items: [{ amount: 900n, memberIds: ["ana"] }], tax: 50n, tip: 49n },
    ],
  ])("%s: no parts", (_, split) => {
    expect(splitAmount(1000n, split, "exp")).toBeUndefined();
  });
});

test("an income is owed by who received it", () => {
  const paid = new Map([["ana", 1000n]]);
  const owed = new Map([
    ["ana", 500n],
    ["bo", 500n],
  ]);
  expect([...effects(paid, owed, false).values()]).toEqual([500n, -500n]);
  expect([...effects(paid, owed, true).values()]).toEqual([-500n, 500n]);
});
