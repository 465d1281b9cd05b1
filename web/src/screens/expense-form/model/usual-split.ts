/** The split that a new expense begins with: that of the event, or else by the usual shares of the members. */

import type { Schemas } from "../../../api/client.ts";
import { parseAmount } from "../../../money/amount.ts";
import { WEIGHT_DIGITS } from "../../../money/split.ts";
import { NO_PARTS, type FormState, type Member } from "./form-state.ts";

type Begun = Pick<FormState, "mode" | "memberIds" | "parts">;

/** The usual number of shares of a member, as the form writes it. */
export function usualWeight(member: Member | undefined): string {
  return member?.weightDecimal ?? (member?.weight ?? 1).toString();
}

export function isActive(member: Member): boolean {
  return member.state !== "MEMBER_STATE_INACTIVE";
}

/** As the server itself does for an expense without a split. Members who have left are passed over. */
export function usualSplit(split: Schemas["Split"] | undefined, members: readonly Member[]): Begun {
  const active = members.filter(isActive);
  const byId = new Map(active.map((member) => [member.id ?? "", member]));
  const here = (part: { memberId: string }) => byId.has(part.memberId);
  if (split?.percent) {
    const left = split.percent.parts.filter(here);
    if (left.length === split.percent.parts.length) {
      const percent = Object.fromEntries(left.map((part) => [part.memberId, part.percent]));
      return { mode: "percent", memberIds: Object.keys(percent), parts: { ...NO_PARTS, percent } };
    }
    return byWeights(left.map((part) => [part.memberId, part.percent])) ?? everybody(active);
  }
  const parts: [string, string][] =
    split?.weights?.parts
      .filter(here)
      .map((part) => [
        part.memberId,
        part.weightDecimal ?? part.weight?.toString() ?? usualWeight(byId.get(part.memberId)),
      ]) ??
    split?.equal?.memberIds?.filter((memberId) => byId.has(memberId)).map((id) => [id, "1"]) ??
    [];
  const all = split?.equal && !split.equal.memberIds?.length;
  return byWeights(all ? active.map((member) => [member.id ?? "", "1"]) : parts) ?? everybody(active);
}

function everybody(active: readonly Member[]): Begun {
  const memberIds = active.map((member) => member.id ?? "");
  return (
    byWeights(active.map((member) => [member.id ?? "", usualWeight(member)])) ?? {
      mode: "equal",
      memberIds,
      parts: NO_PARTS,
    }
  );
}

/** Equal if all are; undefined if nobody would owe anything. */
function byWeights(parts: readonly [string, string][]): Begun | undefined {
  const memberIds = parts.map(([id]) => id);
  const values = new Set(parts.map(([, weight]) => parseAmount(weight, WEIGHT_DIGITS) ?? 0n));
  if (![...values].some((value) => value > 0n)) {
    return undefined;
  }
  return values.size === 1
    ? { mode: "equal", memberIds, parts: NO_PARTS }
    : { mode: "weights", memberIds, parts: { ...NO_PARTS, weights: Object.fromEntries(parts) } };
}
