import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { signOf } from "../../money/amount.ts";
import { descending, largest } from "../../money/ratio.ts";
import type { People } from "../event/people.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { BalanceBar } from "../../ui/bar.tsx";
import { useFold } from "../../ui/fold.tsx";
import { Money } from "../../ui/money.tsx";
import { MemberName } from "./words.tsx";

/** An amount stands on the side of its bar. */
const SIDES = { "-1": "balances-owing", 0: "balances-even-amount", 1: "balances-owed" } as const;

/** The balance of each member in one currency, me first, then from the one who is owed most. */
export function BalanceTable(props: {
  eventId: string;
  balances: Schemas["CurrencyBalances"];
  people: People;
}): ReactNode {
  const { eventId, balances, people } = props;
  const { t } = useLingui();
  const { currencyCode = "", members = [] } = balances;
  const most = largest(members.map(({ net }) => net));
  const [shown, fold] = useFold(sorted(members, people.me));
  return (
    <div>
      <table className="balances-table">
        <caption className="visually-hidden">{t`Balances in ${currencyCode}`}</caption>
        <thead>
          <tr className="soft small">
            <th scope="col">
              <span className="visually-hidden">
                <Trans>Member</Trans>
              </span>
            </th>
            <th scope="col">
              <span className="balances-sides">
                <span>
                  <Trans>owes</Trans>
                </span>
                <span>
                  <Trans>is owed</Trans>
                </span>
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ memberId = "", net }) => (
            <tr key={memberId}>
              <th scope="row">
                <Link href={`/events/${eventId}/balances/${memberId}`} className="balances-member">
                  <Avatar member={people.members.get(memberId)} />
                  <MemberName memberId={memberId} people={people} />
                </Link>
              </th>
              <td className={SIDES[signOf(net)]}>
                <Money amount={net} currency={currencyCode} signed />
                <BalanceBar amount={net} most={most} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fold}
    </div>
  );
}

function sorted(
  members: readonly Schemas["MemberBalance"][],
  me: string | undefined,
): Schemas["MemberBalance"][] {
  return members.toSorted((one, other) =>
    one.memberId === me ? -1 : other.memberId === me ? 1 : descending(one.net, other.net),
  );
}
