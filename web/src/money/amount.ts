/** Amounts as whole numbers of minor units, such as cents. Never as floats. */

/** Fraction digits of each currency that has not two, as the server counts them (ISO 4217). */
export type Digits = 0 | 2 | 3 | 4;

const LONGEST = 18;

/**
 * What a person types: `48.60`, `48,60`, `1 234,5`, `1.234,50`. The last `.` or `,` separates the fraction, if at
 * most `digits` figures follow it.
 *
 * @returns the minor units; undefined if it is no amount of this currency
 */
export function parseAmount(typed: string, digits: number): bigint | undefined {
  const text = typed.replace(/[\s\u00a0\u202f'’]/g, "");
  const match = /^(-?)(\d[\d.,]*|[.,]\d+)$/.exec(text);
  if (!match?.[2]) {
    return undefined;
  }
  const [whole, fraction] = parts(match[2], digits);
  if (whole === undefined || whole.length + digits > LONGEST) {
    return undefined;
  }
  const units = BigInt((whole || "0") + fraction.padEnd(digits, "0"));
  return match[1] ? -units : units;
}

/** The whole part and the fraction, without separators of thousands. The whole part is undefined if they are wrong. */
function parts(text: string, digits: number): [string | undefined, string] {
  const mark = text.search(/[.,][^.,]*$/);
  if (mark < 0) {
    return [text, ""];
  }
  const [before, after] = [text.slice(0, mark), text.slice(mark + 1)];
  // `1.234` and `1,234,567` are thousands, unless the currency has three digits itself.
  const once = !/[.,]/.test(before);
  if (after.length <= digits && (once || separated(before, text.charAt(mark) === "." ? "," : "."))) {
    return [before.replace(/[.,]/g, ""), after];
  }
  const grouped = separated(text, text.charAt(mark));
  return [grouped ? text.replace(/[.,]/g, "") : undefined, ""];
}

function separated(text: string, by: string): boolean {
  const [first = "", ...groups] = text.split(by);
  return /^\d{1,3}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group));
}

/** The amount as the API writes it, such as `48.60`. */
export function toApi(units: bigint, digits: number): string {
  const sign = units < 0n ? "-" : "";
  const figures = (units < 0n ? -units : units).toString().padStart(digits + 1, "0");
  const whole = figures.slice(0, figures.length - digits);
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${figures.slice(-digits)}`;
}

/** The amount that the API wrote. An empty or absent one is zero. */
export function fromApi(text: string | undefined, digits: number): bigint {
  const [whole = "0", fraction = ""] = (text || "0").split(".");
  const units = BigInt(whole.replace("-", "") + fraction.padEnd(digits, "0").slice(0, digits));
  return text?.startsWith("-") ? -units : units;
}

/** Whether an amount of the API is zero, less or more, without knowing its currency: -1, 0 or 1. */
export function signOf(text: string | undefined): -1 | 0 | 1 {
  if (!text || /^-?[0.]*$/.test(text)) {
    return 0;
  }
  return text.startsWith("-") ? -1 : 1;
}

/** The amount of the API without its sign. */
export function absolute(text: string): string {
  return text.replace(/^-/, "");
}
