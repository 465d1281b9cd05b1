import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import type { People } from "../event/people.ts";
import { useFold } from "../../ui/fold.tsx";
import { Owes } from "./words.tsx";

/** Who owes whom directly, before the payments are made fewer. Folded; each debt leads to why it is there. */
export function DirectDebts(props: {
  eventId: string;
  balances: Schemas["CurrencyBalances"];
  /** Only the debts of this member; all debts, if empty. */
  memberId?: string;
  people: People;
}): ReactNode {
  const { eventId, balances, memberId = "", people } = props;
  const debts = (balances.debts ?? []).filter(
    ({ fromMemberId, toMemberId }) => !memberId || fromMemberId === memberId || toMemberId === memberId,
  );
  const [shown, fold] = useFold(debts);
  if (debts.length === 0) {
    return null;
  }
  return (
    <details className="balances-direct">
      <summary>
        <Trans>Who owes whom directly</Trans>
      </summary>
      <ul>
        {shown.map((debt) => (
          <li key={`${debt.fromMemberId} ${debt.toMemberId}`}>
            <Link href={whyOf(eventId, debt, memberId)} className="balances-link">
              <Owes debt={debt} currency={balances.currencyCode ?? ""} people={people} />
            </Link>
          </li>
        ))}
      </ul>
      {fold}
    </details>
  );
}

/** Instead of the debts of a very large event, which the server leaves out. */
export function DebtsOmitted(): ReactNode {
  return (
    <p className="soft small">
      <Trans>
        There are too many debts between pairs to list them all here. Choose a member to see why they owe or
        are owed.
      </Trans>
    </p>
  );
}

function whyOf(eventId: string, debt: Schemas["Debt"], memberId: string): string {
  const { fromMemberId = "", toMemberId = "" } = debt;
  const [one, other] = toMemberId === memberId ? [toMemberId, fromMemberId] : [fromMemberId, toMemberId];
  return `/events/${eventId}/balances/${one}?with=${other}`;
}
