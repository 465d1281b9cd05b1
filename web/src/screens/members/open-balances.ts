import type { Schemas } from "../../api/client.ts";
import { signOf } from "../../money/amount.ts";

/** What a member still owes (less than zero) or is owed. */
export interface Open {
  currency: string;
  net: string;
}

/** The balances of a member that are not zero, by currency. */
export function openBalances(
  balances: Schemas["Balances"] | undefined,
  memberId: string | undefined,
): Open[] {
  return (balances?.currencies ?? []).flatMap(({ currencyCode = "", members = [] }) => {
    const net = members.find((each) => each.memberId === memberId)?.net;
    return net === undefined || signOf(net) === 0 ? [] : [{ currency: currencyCode, net }];
  });
}
