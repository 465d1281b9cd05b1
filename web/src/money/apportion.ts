/** Divides a whole number of cents fairly, to the cent as the server does. */

import { blake2b } from "@noble/hashes/blake2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

export type Amounts = ReadonlyMap<string, bigint>;

const RANK_BYTES = 8;

/**
 * Divides `total` in proportion to `weights` by the method of largest remainders.
 *
 * @param total may be negative; each part is the floor or the ceiling of its exact value
 * @param weights by member, none negative
 * @param key decides which members get the odd cents; the server takes the id of the expense
 * @returns the parts, which sum to `total`; undefined if no weight is above 0
 */
export function apportion(total: bigint, weights: Amounts, key: string): Map<string, bigint> | undefined {
  const whole = sum(weights.values());
  if (whole <= 0n) {
    return undefined;
  }
  const parts = new Map<string, bigint>();
  const remainders: { member: string; remainder: bigint; rank: bigint }[] = [];
  for (const [member, weight] of weights) {
    const [floor, remainder] = divide(total * weight, whole);
    parts.set(member, floor);
    if (remainder > 0n) {
      remainders.push({ member, remainder, rank: rank(key, member) });
    }
  }
  const missing = total - sum(parts.values());
  remainders.sort((a, b) => compare(b.remainder, a.remainder) || compare(a.rank, b.rank));
  remainders.forEach(({ member }, index) => {
    if (BigInt(index) < missing) {
      parts.set(member, (parts.get(member) ?? 0n) + 1n);
    }
  });
  return parts;
}

export function sum(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) {
    total += value;
  }
  return total;
}

/** The floor and the remainder, which is never negative. BigInt itself rounds towards zero. */
function divide(value: bigint, by: bigint): [bigint, bigint] {
  const remainder = ((value % by) + by) % by;
  return [(value - remainder) / by, remainder];
}

/** A hash, so that no member is favoured over many expenses. */
function rank(key: string, member: string): bigint {
  const hash = blake2b(utf8ToBytes(`${key}\0${member}`), { dkLen: RANK_BYTES });
  return hash.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
