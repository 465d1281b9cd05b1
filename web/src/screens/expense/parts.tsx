import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { signOf } from "../../money/amount.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Money } from "../../ui/money.tsx";
import type { People } from "../event/people.ts";
import { whyOf } from "./why.ts";
import { WhyWords } from "./why-words.tsx";

interface Of {
  expense: Schemas["Expense"];
  people: People;
}

/** Who paid, and what each member's part is and why. A payment between two has neither to tell. */
export function Parts({ expense, people }: Of): ReactNode {
  if (expense.kind === "EXPENSE_KIND_TRANSFER") {
    return null;
  }
  return (
    <>
      {expense.payments.length > 1 && <Payments expense={expense} people={people} />}
      <Shares expense={expense} people={people} />
    </>
  );
}

function Payments({ expense, people }: Of): ReactNode {
  const income = expense.kind === "EXPENSE_KIND_INCOME";
  return (
    <section className="stack-close">
      <h2>{income ? <Trans>Who received it</Trans> : <Trans>Who paid</Trans>}</h2>
      <ul className="card expense-parts">
        {expense.payments.map(({ memberId, amount }) => (
          <li key={memberId} className="expense-part">
            <Person memberId={memberId} people={people} />
            <Money amount={amount} currency={expense.currencyCode} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Shares({ expense, people }: Of): ReactNode {
  const { shares, split, currencyCode = "XXX" } = expense;
  const parts = shares?.flatMap(({ memberId = "", owed }) => {
    const why = whyOf(split, memberId);
    return why || signOf(owed) !== 0 ? [{ memberId, owed, why }] : [];
  });
  return (
    <section className="stack-close">
      <h2>
        <Trans>Everybody's part</Trans>
      </h2>
      {parts ? (
        <ul className="card expense-parts">
          {parts.map(({ memberId, owed, why }) => (
            <li key={memberId} className="expense-part">
              <Person memberId={memberId} people={people}>
                {why && <WhyWords why={why} currency={currencyCode} />}
              </Person>
              <Money amount={owed} currency={currencyCode} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="soft">
          <Trans>howmuch says everybody’s part when it has the expense.</Trans>
        </p>
      )}
    </section>
  );
}

/** A member by name, with something below it. */
function Person(props: { memberId: string; people: People; children?: ReactNode }): ReactNode {
  const { memberId, people } = props;
  return (
    <>
      <Avatar member={people.members.get(memberId)} />
      <span className="grow">
        {people.name(memberId)}
        {memberId === people.me && (
          <>
            {" "}
            <span className="soft">
              <Trans>(you)</Trans>
            </span>
          </>
        )}
        <span className="expense-why small soft">{props.children}</span>
      </span>
    </>
  );
}
