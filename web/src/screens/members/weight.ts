/** Usual shares: decimals with up to three fraction digits, never floats. */

import type { Schemas } from "../../api/client.ts";

/** The usual share as the API writes it: `1`, `0.5`. */
export function weightOf({ weight, weightDecimal }: Schemas["Member"]): string {
  return weightDecimal ?? weight?.toString() ?? "1";
}

/**
 * What a person types, with a point or a comma.
 *
 * @returns the decimal of the API; undefined if it is none from 0 to 1,000,000
 */
export function parseWeight(typed: string): string | undefined {
  const match = /^(\d{1,7})(?:[.,](\d{1,3}))?$/.exec(typed.trim());
  if (!match) {
    return undefined;
  }
  const whole = BigInt(match[1] ?? "0");
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (whole > 1_000_000n || (whole === 1_000_000n && fraction)) {
    return undefined;
  }
  return fraction ? `${whole}.${fraction}` : whole.toString();
}

/** The share in the reader's language. NumberFormat reads a decimal string exactly. */
export function formatWeight(weight: string, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(weight as unknown as number);
}
