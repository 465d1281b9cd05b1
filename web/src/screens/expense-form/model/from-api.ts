/** The form that shows an expense of the API. */

import type { Schemas } from "../../../api/client.ts";
import { signOf } from "../../../money/amount.ts";
import { typedAmount } from "./figures.ts";
import { NO_PARTS, newLine, onlyOf, type FormState, type Kind, type PartMode } from "./form-state.ts";

type SplitFields = Pick<FormState, "mode" | "memberIds" | "parts" | "lines" | "tax" | "tip">;

/** digits: of the currency of the expense. */
export function fromExpense(expense: Schemas["Expense"], digits: number): FormState {
  const kind = kindOf(expense);
  const fields = fromSplit(expense.split ?? {}, digits);
  const several = expense.payments.length > 1;
  return {
    kind,
    amount: typedAmount(expense.amount, digits),
    currency: expense.currencyCode ?? "",
    reason: expense.reason,
    date: expense.date ?? "",
    category: expense.category ?? "",
    notes: expense.notes ?? "",
    payerIds: expense.payments.map((payment) => payment.memberId),
    paid: several
      ? Object.fromEntries(
          expense.payments.map((payment) => [payment.memberId, typedAmount(payment.amount, digits)]),
        )
      : {},
    receiverId: kind === "EXPENSE_KIND_TRANSFER" ? (beneficiariesOf(expense.split ?? {})[0] ?? "") : "",
    ...fields,
  };
}

/** A new expense like another one. memberIds: of those who are active; the others are left out of the copy. */
export function copyOf(
  expense: Schemas["Expense"],
  given: { digits: number; date: string; memberIds: readonly string[] },
): FormState {
  return { ...onlyOf(fromExpense(expense, given.digits), given.memberIds), date: given.date };
}

export function kindOf(expense: Schemas["Expense"]): Kind {
  return expense.kind === undefined || expense.kind === "EXPENSE_KIND_UNSPECIFIED"
    ? "EXPENSE_KIND_EXPENSE"
    : expense.kind;
}

/** Everybody for whom the expense is, each once. */
export function beneficiariesOf(split: Schemas["Split"]): string[] {
  const parts =
    split.weights?.parts ?? split.percent?.parts ?? split.exact?.parts ?? split.adjusted?.parts ?? [];
  const ids = split.equal
    ? (split.equal.memberIds ?? [])
    : split.itemized
      ? split.itemized.items.flatMap((item) => item.memberIds)
      : parts.map((part) => part.memberId);
  return [...new Set(ids)];
}

function fromSplit(split: Schemas["Split"], digits: number): SplitFields {
  const none = { memberIds: beneficiariesOf(split), parts: NO_PARTS, lines: [], tax: "", tip: "" };
  const byParts = (mode: PartMode, values: [string, string][]): SplitFields => ({
    ...none,
    mode,
    parts: { ...NO_PARTS, [mode]: Object.fromEntries(values) },
  });
  const { weights, percent, exact, adjusted, itemized } = split;
  if (weights) {
    return byParts(
      "weights",
      weights.parts.map((part) => [part.memberId, part.weightDecimal ?? (part.weight ?? 1).toString()]),
    );
  }
  if (percent) {
    return byParts(
      "percent",
      percent.parts.map((part) => [part.memberId, part.percent]),
    );
  }
  if (exact) {
    return byParts(
      "exact",
      exact.parts.map((part) => [part.memberId, typedAmount(part.amount, digits)]),
    );
  }
  if (adjusted) {
    return byParts(
      "adjusted",
      adjusted.parts.map((part) => [part.memberId, unlessZero(part.adjustment, digits)]),
    );
  }
  return itemized ? { ...none, ...fromItemized(itemized, digits) } : { ...none, mode: "equal" };
}

function fromItemized(
  itemized: Schemas["ItemizedSplit"],
  digits: number,
): Pick<FormState, "mode" | "lines" | "tax" | "tip"> {
  return {
    mode: "itemized",
    lines: itemized.items.map((item) => ({
      ...newLine(item.memberIds),
      name: item.name ?? "",
      amount: typedAmount(item.amount, digits),
    })),
    tax: unlessZero(itemized.tax, digits),
    tip: unlessZero(itemized.tip, digits),
  };
}

function unlessZero(amount: string | undefined, digits: number): string {
  return signOf(amount) === 0 ? "" : typedAmount(amount, digits);
}
