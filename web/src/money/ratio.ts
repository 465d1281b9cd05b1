/** Amounts of one currency against each other. The API writes all of them with the same number of digits. */

import { absolute } from "./amount.ts";

/** The minor units of an amount of the API. An absent one is zero. */
export function minorUnits(amount: string | undefined): bigint {
  return BigInt((amount || "0").replace(".", ""));
}

/** The size of a part, without its sign, as a percentage of the whole: `37.5%`, at most `100%`. */
export function percentOf(part: string | undefined, whole: string | undefined): string {
  const all = size(whole);
  const tenths = all === 0n ? 0n : (size(part) * 1000n) / all;
  const shown = tenths > 1000n ? 1000n : tenths;
  return `${shown / 10n}.${shown % 10n}%`;
}

/** The largest amount, without its sign; `0` of none. */
export function largest(amounts: readonly (string | undefined)[]): string {
  const found = amounts.reduce<string>(
    (most, amount) => (size(amount) > size(most) ? (amount ?? most) : most),
    "0",
  );
  return absolute(found);
}

/** For sorting: the larger amount first. */
export function descending(one: string | undefined, other: string | undefined): number {
  const difference = minorUnits(other) - minorUnits(one);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** The same amount with the opposite sign. */
export function negated(amount: string | undefined): string {
  const text = amount || "0";
  return text.startsWith("-") ? text.slice(1) : minorUnits(text) === 0n ? text : `-${text}`;
}

function size(amount: string | undefined): bigint {
  return minorUnits(absolute(amount || "0"));
}
