import type { Schemas } from "../../api/client.ts";
import { absolute, signOf } from "../../money/amount.ts";

/**
 * What an expense means for one member. lent and owe: others owe them, or they owe others. even: they paid their own
 * part. paid and received: of a transfer. unknown: the server has not computed it yet.
 */
export interface MyPart {
  is: "lent" | "owe" | "even" | "paid" | "received" | "uninvolved" | "unknown";
  amount: string;
}

export function myPart(expense: Schemas["Expense"], memberId: string | undefined): MyPart {
  if (!expense.shares) {
    return { is: "unknown", amount: "0" };
  }
  const share = expense.shares.find((each) => each.memberId === memberId);
  if (!share) {
    return { is: "uninvolved", amount: "0" };
  }
  const amount = absolute(share.net ?? "0");
  const sign = signOf(share.net);
  if (sign === 0) {
    return { is: "even", amount };
  }
  if (expense.kind === "EXPENSE_KIND_TRANSFER") {
    return { is: sign > 0 ? "paid" : "received", amount };
  }
  return { is: sign > 0 ? "lent" : "owe", amount };
}
