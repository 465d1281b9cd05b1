/** What each member owes of an expense: the rules of the server's ledger, to the cent. */

import { apportion, sum, type Amounts } from "./apportion.ts";

export { sum, type Amounts };

/** Fraction digits of a weight, and of a percentage, as the server counts them. */
export const WEIGHT_DIGITS = 3;
export const PERCENT_DIGITS = 4;
export const WHOLE_PERCENT = 1_000_000n;

/**
 * One member's number. weights: thousandths; percent: ten-thousandths of a percent; exact and adjusted: minor units,
 * of which an adjustment may be negative.
 */
export interface Part {
  memberId: string;
  value: bigint;
}

/** One line of a bill, in minor units. */
export interface Item {
  amount: bigint;
  memberIds: readonly string[];
}

export type Split =
  | { mode: "equal"; memberIds: readonly string[] }
  | { mode: "weights" | "percent" | "exact" | "adjusted"; parts: readonly Part[] }
  | { mode: "itemized"; items: readonly Item[]; tax: bigint; tip: bigint };

/**
 * Divides an amount of minor units.
 *
 * @param expenseId decides who gets the odd cents
 * @returns what each member owes, never negative, in all the amount; undefined if the server would refuse the split
 */
export function splitAmount(amount: bigint, split: Split, expenseId: string): Amounts | undefined {
  switch (split.mode) {
    case "equal":
      return apportion(amount, new Map(split.memberIds.map((id) => [id, 1n])), expenseId);
    case "weights":
      return apportion(amount, valuesOf(split.parts), expenseId);
    case "percent":
      return total(split.parts) === WHOLE_PERCENT
        ? apportion(amount, valuesOf(split.parts), expenseId)
        : undefined;
    case "exact":
      return split.parts.length && total(split.parts) === amount ? valuesOf(split.parts) : undefined;
    case "adjusted":
      return splitAdjusted(amount, split.parts, expenseId);
    case "itemized":
      return itemsTotal(split) === amount
        ? apportion(amount, itemWeights(split.items), expenseId)
        : undefined;
  }
}

/** The lines of a bill with tax and tip. */
export function itemsTotal(split: { items: readonly Item[]; tax: bigint; tip: bigint }): bigint {
  return sum(split.items.map((item) => item.amount)) + split.tax + split.tip;
}

export function total(parts: readonly Part[]): bigint {
  return sum(parts.map((part) => part.value));
}

/** By how much each member's balance changes: paid minus owed, or for an income the opposite. */
export function effects(paid: Amounts, owed: Amounts, income: boolean): Amounts {
  const members = new Set([...paid.keys(), ...owed.keys()]);
  return new Map(
    [...members].map((id) => {
      const net = (paid.get(id) ?? 0n) - (owed.get(id) ?? 0n);
      return [id, income ? -net : net];
    }),
  );
}

function valuesOf(parts: readonly Part[]): Map<string, bigint> {
  return new Map(parts.map((part) => [part.memberId, part.value]));
}

/** Each member's own adjustment, and an equal share of the rest. */
function splitAdjusted(amount: bigint, parts: readonly Part[], expenseId: string): Amounts | undefined {
  const equal = apportion(
    amount - total(parts),
    new Map(parts.map((part) => [part.memberId, 1n])),
    expenseId,
  );
  if (!equal) {
    return undefined;
  }
  const owed = new Map(parts.map((part) => [part.memberId, (equal.get(part.memberId) ?? 0n) + part.value]));
  return [...owed.values()].some((value) => value < 0n) ? undefined : owed;
}

/** Each member's exact part of the lines, over a common denominator, so that the bill is rounded once. */
function itemWeights(items: readonly Item[]): Map<string, bigint> {
  const scale = items.reduce((found, item) => multiple(found, BigInt(item.memberIds.length || 1)), 1n);
  const weights = new Map<string, bigint>();
  for (const { amount, memberIds } of items) {
    for (const member of memberIds) {
      const part = amount * (scale / BigInt(memberIds.length));
      weights.set(member, (weights.get(member) ?? 0n) + part);
    }
  }
  return weights;
}

/** The least common multiple. */
function multiple(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller) {
    [larger, smaller] = [smaller, larger % smaller];
  }
  return (a * b) / larger;
}
