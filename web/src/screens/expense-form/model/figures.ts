/** What follows from what was typed: amounts in minor units, what is still to be given, and everybody's part. */

import { apportion, type Amounts } from "../../../money/apportion.ts";
import { fromApi, parseAmount, toApi } from "../../../money/amount.ts";
import {
  itemsTotal,
  PERCENT_DIGITS,
  splitAmount,
  sum,
  total,
  WEIGHT_DIGITS,
  WHOLE_PERCENT,
  type Part,
  type Split,
} from "../../../money/split.ts";
import { isTransfer, type FormState, type PartMode } from "./form-state.ts";

export interface Figures {
  /** undefined while nothing, or no amount of this currency, was typed. */
  amount: bigint | undefined;
  paid: Amounts;
  /** What the payers have not paid yet; below zero if they pay too much. */
  unpaid: bigint;
  split: Split;
  /** What the split does not give away yet: minor units, or ten-thousandths of a percent. */
  ungiven: bigint;
  /** undefined until the split is whole. */
  owed: Amounts | undefined;
}

/** Fraction digits of the numbers of a mode. digits: of the currency. */
export function digitsOf(mode: PartMode, digits: number): number {
  return mode === "weights" ? WEIGHT_DIGITS : mode === "percent" ? PERCENT_DIGITS : digits;
}

/** What was typed, or zero if that is nothing or no number. */
export function unitsOf(typed: string | undefined, digits: number): bigint {
  return parseAmount(typed ?? "", digits) ?? 0n;
}

/** The shortest way to write it: `50`, `33.3333`. */
export function shortest(units: bigint, digits: number): string {
  const text = toApi(units, digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** expenseId: decides about odd cents. digits: of the currency. */
export function figuresOf(state: FormState, digits: number, expenseId: string): Figures {
  const typed = parseAmount(state.amount, digits);
  const amount = typed !== undefined && typed > 0n ? typed : undefined;
  const split = splitOf(state, digits);
  const whole = amount ?? 0n;
  const single = state.payerIds.length === 1;
  const paid = new Map(
    state.payerIds.map((id) => [id, single ? whole : unitsOf(state.paid[id], digits)] as const),
  );
  return {
    amount,
    paid,
    unpaid: whole - sum(paid.values()),
    split,
    ungiven: ungivenOf(whole, split),
    owed: amount === undefined ? undefined : splitAmount(amount, split, expenseId),
  };
}

export function splitOf(state: FormState, digits: number): Split {
  if (isTransfer(state)) {
    return { mode: "equal", memberIds: state.receiverId ? [state.receiverId] : [] };
  }
  if (state.mode === "equal") {
    return { mode: "equal", memberIds: state.memberIds };
  }
  if (state.mode === "itemized") {
    const items = state.lines.map((line) => ({
      amount: unitsOf(line.amount, digits),
      memberIds: line.memberIds,
    }));
    return { mode: "itemized", items, tax: unitsOf(state.tax, digits), tip: unitsOf(state.tip, digits) };
  }
  const typed = state.parts[state.mode];
  const partDigits = digitsOf(state.mode, digits);
  const parts = state.memberIds.map((memberId): Part => ({
    memberId,
    value: unitsOf(typed[memberId], partDigits),
  }));
  return { mode: state.mode, parts };
}

function ungivenOf(amount: bigint, split: Split): bigint {
  switch (split.mode) {
    case "percent":
      return WHOLE_PERCENT - total(split.parts);
    case "exact":
      return amount - total(split.parts);
    case "itemized":
      return amount - itemsTotal(split);
    default:
      return 0n;
  }
}

/**
 * Gives what is left to the members whose field is empty, in equal parts, or else to the last one.
 *
 * @param typed by member
 * @param left units that are still to be given
 * @param write how the field writes units
 */
export function giveRest(
  memberIds: readonly string[],
  typed: Readonly<Record<string, string>>,
  left: bigint,
  digits: number,
  write: (units: bigint, digits: number) => string = toApi,
): Record<string, string> {
  const empty = memberIds.filter((id) => !typed[id]?.trim());
  const takers = empty.length ? empty : memberIds.slice(-1);
  const given = apportion(left, new Map(takers.map((id) => [id, 1n])), "") ?? new Map<string, bigint>();
  const filled = [...given].map(([id, units]): [string, string] => [
    id,
    write(unitsOf(typed[id], digits) + units, digits),
  ]);
  return { ...typed, ...Object.fromEntries(filled) };
}

/**
 * Whether people should see how an amount is read: `1.234` is more than a thousand in most currencies, and many
 * figures in a row are hard to count.
 */
export function hasThousands(typed: string, units: bigint, digits: number): boolean {
  const marked = /[.,]\d{3}(?!\d)/.test(typed);
  return marked || units >= 10n ** BigInt(digits + 5);
}

/** An amount of the API as the field shows it. */
export function typedAmount(amount: string | undefined, digits: number): string {
  return amount ? toApi(fromApi(amount, digits), digits) : "";
}
