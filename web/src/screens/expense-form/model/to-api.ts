/** The expense that the API takes, of a form without faults. */

import type { Schemas } from "../../../api/client.ts";
import { toApi } from "../../../money/amount.ts";
import type { Part } from "../../../money/split.ts";
import { digitsOf, figuresOf, shortest, splitOf, unitsOf } from "./figures.ts";
import type { FormState } from "./form-state.ts";

export type Written = Omit<Schemas["Expense"], "payments"> &
  Required<Pick<Schemas["Expense"], "payments" | "split">>;

/** Every field is there, also if it is empty: an update replaces them all. */
export function toExpense(state: FormState, digits: number): Written {
  const { amount = 0n, paid } = figuresOf(state, digits, "");
  return {
    kind: state.kind,
    reason: state.reason.trim(),
    date: state.date,
    category: state.category.trim(),
    notes: state.notes.trim(),
    currencyCode: state.currency,
    amount: toApi(amount, digits),
    payments: [...paid].map(([memberId, units]) => ({ memberId, amount: toApi(units, digits) })),
    split: toSplit(state, digits),
  };
}

function toSplit(state: FormState, digits: number): Schemas["Split"] {
  const split = splitOf(state, digits);
  switch (split.mode) {
    case "equal":
      return { equal: { memberIds: [...split.memberIds] } };
    case "itemized":
      return { itemized: toItemized(state, digits) };
  }
  const partDigits = digitsOf(split.mode, digits);
  const write = (part: Part) => toApi(part.value, partDigits);
  const short = (part: Part) => shortest(part.value, partDigits);
  const { parts } = split;
  switch (split.mode) {
    case "weights":
      return {
        weights: { parts: parts.map((part) => ({ memberId: part.memberId, weightDecimal: short(part) })) },
      };
    case "percent":
      return { percent: { parts: parts.map((part) => ({ memberId: part.memberId, percent: short(part) })) } };
    case "exact":
      return { exact: { parts: parts.map((part) => ({ memberId: part.memberId, amount: write(part) })) } };
    case "adjusted":
      return {
        adjusted: { parts: parts.map((part) => ({ memberId: part.memberId, adjustment: write(part) })) },
      };
  }
}

function toItemized(state: FormState, digits: number): Schemas["ItemizedSplit"] {
  const write = (typed: string) => toApi(unitsOf(typed, digits), digits);
  return {
    items: state.lines.map((line) => ({
      name: line.name.trim(),
      amount: write(line.amount),
      memberIds: [...line.memberIds],
    })),
    tax: write(state.tax),
    tip: write(state.tip),
  };
}
