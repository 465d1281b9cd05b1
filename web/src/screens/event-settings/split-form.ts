/** The default split of an event, as a form and as the API has it. Weights and percentages are never floats. */

import type { Schemas } from "../../api/client.ts";
import { parseAmount, toApi } from "../../money/amount.ts";
import { parseWeight } from "../members/weight.ts";

export type Mode = "usual" | "equal" | "weights" | "percent";

export interface SplitForm {
  mode: Mode;
  /** Equal: the members who share; empty means all. */
  chosen: readonly string[];
  /** Weights and percent: what is typed for each member. Empty: the member has no part. */
  typed: Readonly<Record<string, string>>;
}

const PERCENT_DIGITS = 4;
const HUNDRED = 100n * 10n ** BigInt(PERCENT_DIGITS);

export function splitFormOf(split: Schemas["Split"] | undefined): SplitForm {
  const none = { chosen: [], typed: {} };
  if (split?.equal) {
    return { ...none, mode: "equal", chosen: split.equal.memberIds ?? [] };
  }
  if (split?.weights) {
    const typed = split.weights.parts.map((part) => [
      part.memberId,
      part.weightDecimal ?? part.weight?.toString() ?? "",
    ]);
    return { ...none, mode: "weights", typed: Object.fromEntries(typed) as Record<string, string> };
  }
  if (split?.percent) {
    const typed = split.percent.parts.map((part) => [part.memberId, part.percent]);
    return { ...none, mode: "percent", typed: Object.fromEntries(typed) as Record<string, string> };
  }
  return { ...none, mode: "usual" };
}

/** Ten-thousandths of a percent that are still to be given; less than zero if too many are. */
export function percentLeft(typed: SplitForm["typed"]): bigint {
  return Object.values(typed).reduce((left, text) => left - (parsePercent(text) ?? 0n), HUNDRED);
}

/** A number of ten-thousandths of a percent, such as `33.3333`, without zeros at its end. */
export function percentText(units: bigint): string {
  return toApi(units, PERCENT_DIGITS).replace(/\.?0+$/, "");
}

/**
 * The split of the API; null if the event has none of its own.
 *
 * @returns undefined if the form is not complete
 */
export function splitOf({ mode, chosen, typed }: SplitForm): Schemas["Split"] | null | undefined {
  const given = Object.entries(typed).filter(([, text]) => text.trim() !== "");
  switch (mode) {
    case "usual":
      return null;
    case "equal":
      return { equal: { memberIds: [...chosen] } };
    case "weights": {
      const parts = given.map(([memberId, text]) => ({ memberId, weightDecimal: parseWeight(text) ?? "" }));
      const complete =
        parts.every((part) => part.weightDecimal) && parts.some((part) => part.weightDecimal !== "0");
      return complete ? { weights: { parts } } : undefined;
    }
    case "percent": {
      const parts = given.map(([memberId, text]) => ({ memberId, units: parsePercent(text) }));
      if (percentLeft(typed) !== 0n || parts.some(({ units }) => units === undefined)) {
        return undefined;
      }
      return {
        percent: {
          parts: parts.map(({ memberId, units = 0n }) => ({ memberId, percent: percentText(units) })),
        },
      };
    }
  }
}

function parsePercent(text: string): bigint | undefined {
  const units = parseAmount(text.replace("%", ""), PERCENT_DIGITS);
  return units !== undefined && units >= 0n && units <= HUNDRED ? units : undefined;
}
