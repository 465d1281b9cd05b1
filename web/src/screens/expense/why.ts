/** Why a member has a part of an expense: what the split says of them. */

import type { Schemas } from "../../api/client.ts";
import { fromApi, toApi } from "../../money/amount.ts";

type Split = Schemas["Split"];
type Item = Schemas["ItemizedSplit.Item"];

export type Why =
  | { by: "equal"; count: number }
  | { by: "weights"; weight: string; total: string }
  | { by: "percent"; percent: string }
  | { by: "exact" }
  | { by: "adjusted"; adjustment: string; count: number }
  | { by: "items"; items: readonly Item[]; extras: boolean };

/** Undefined if the member only paid, or the split is not known. */
export function whyOf(split: Split | undefined, memberId: string): Why | undefined {
  const mine = <T extends { memberId: string }>(parts: readonly T[] | undefined): T | undefined =>
    parts?.find((part) => part.memberId === memberId);
  if (split?.equal) {
    const { memberIds = [] } = split.equal;
    return memberIds.includes(memberId) ? { by: "equal", count: memberIds.length } : undefined;
  }
  if (split?.weights) {
    const part = mine(split.weights.parts);
    return part && { by: "weights", weight: shortest(weightOf(part)), total: totalWeight(split.weights) };
  }
  if (split?.percent) {
    const part = mine(split.percent.parts);
    return part && { by: "percent", percent: part.percent };
  }
  if (split?.exact) {
    return mine(split.exact.parts) && { by: "exact" };
  }
  if (split?.adjusted) {
    const { parts } = split.adjusted;
    const part = mine(parts);
    return part && { by: "adjusted", adjustment: part.adjustment || "0", count: parts.length };
  }
  return split?.itemized && ofItems(split.itemized, memberId);
}

function ofItems({ items, tax, tip }: Schemas["ItemizedSplit"], memberId: string): Why | undefined {
  const mine = items.filter((item) => item.memberIds.includes(memberId));
  return mine.length > 0 ? { by: "items", items: mine, extras: Boolean(tax) || Boolean(tip) } : undefined;
}

// Weights have up to three fraction digits.
const DIGITS = 3;

function weightOf({ weight = 0, weightDecimal }: Schemas["WeightsSplit.Part"]): bigint {
  return fromApi(weightDecimal ?? weight.toString(), DIGITS);
}

function totalWeight({ parts }: Schemas["WeightsSplit"]): string {
  return shortest(parts.reduce((sum, part) => sum + weightOf(part), 0n));
}

/** `2.500` as `2.5`. */
function shortest(weight: bigint): string {
  return toApi(weight, DIGITS).replace(/\.?0+$/, "");
}
