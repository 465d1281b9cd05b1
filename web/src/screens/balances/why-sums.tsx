import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { absolute, signOf } from "../../money/amount.ts";
import { formatMoney } from "../../money/format.ts";
import { negated } from "../../money/ratio.ts";
import { Money } from "../../ui/money.tsx";
import { useFold } from "../../ui/fold.tsx";
import type { People } from "../event/people.ts";
import { Owes, Standing } from "./words.tsx";

/** The balance of a member as a sum: paid, minus the part, plus payments. */
export function WhyBalance(props: {
  balance: Schemas["MemberBalance"];
  currency: string;
  people: People;
}): ReactNode {
  const { balance, currency, people } = props;
  const { memberId = "", paid, owed, transferred, net = "0" } = balance;
  const mine = memberId === people.me;
  return (
    <>
      <h2 className="why-standing">
        <Standing memberId={memberId} net={net} currency={currency} people={people} />
      </h2>
      <dl className="why-sum">
        <dt>{mine ? <Trans>You paid for expenses</Trans> : <Trans>Paid for expenses</Trans>}</dt>
        <dd>
          <Money amount={paid} currency={currency} signed />
        </dd>
        <dt>{mine ? <Trans>Your part of all expenses</Trans> : <Trans>Their part of all expenses</Trans>}</dt>
        <dd>
          <Money amount={negated(owed)} currency={currency} signed />
        </dd>
        <dt>
          {signOf(transferred) < 0 ? (
            <Trans>Payments received from others</Trans>
          ) : (
            <Trans>Payments made to others</Trans>
          )}
        </dt>
        <dd>
          <Money amount={transferred} currency={currency} signed />
        </dd>
        <dt className="why-total">
          <Trans>Together</Trans>
        </dt>
        <dd className="why-total">
          <Money amount={net} currency={currency} signed />
        </dd>
      </dl>
    </>
  );
}

/** The debt between two members as a sum: what arose between them, minus what went round in circles. */
export function WhyDebt(props: {
  debt: Schemas["ExplainedDebt"];
  memberId: string;
  other: string;
  people: People;
}): ReactNode {
  const { debt, memberId, other, people } = props;
  const { amount = "0", incurred, circles = [], furtherCircles, currencyCode: currency = "" } = debt;
  const [shown, fold] = useFold(circles);
  return (
    <section className="card stack-close">
      <h2 className="why-standing">
        <Direct amount={amount} memberId={memberId} other={other} currency={currency} people={people} />
      </h2>
      {(circles.length > 0 || signOf(furtherCircles) !== 0) && (
        <>
          <p>
            <Trans>From the expenses and payments below:</Trans>{" "}
            <Direct
              amount={incurred ?? "0"}
              memberId={memberId}
              other={other}
              currency={currency}
              people={people}
            />
            .
          </p>
          <ul className="why-circles">
            {shown.map((circle, index) => (
              <li key={index}>
                <Circle circle={circle} currency={currency} people={people} />
              </li>
            ))}
          </ul>
          {fold}
          {signOf(furtherCircles) !== 0 && <Further amount={furtherCircles} currency={currency} />}
        </>
      )}
    </section>
  );
}

function Direct(props: {
  amount: string;
  memberId: string;
  other: string;
  currency: string;
  people: People;
}): ReactNode {
  const { amount, memberId, other, currency, people } = props;
  const sign = signOf(amount);
  if (sign === 0) {
    return <Trans>Nothing is owed between the two in {currency}</Trans>;
  }
  const [fromMemberId, toMemberId] = sign > 0 ? [memberId, other] : [other, memberId];
  const debt = { fromMemberId, toMemberId, amount: absolute(amount) };
  return <Owes debt={debt} currency={currency} people={people} />;
}

/** `Ana owes Ben, Ben owes Chloe, Chloe owes Ana: €5.00 of each cancels out.` */
function Circle(props: { circle: Schemas["DebtCircle"]; currency: string; people: People }): ReactNode {
  const { circle, currency, people } = props;
  const { t } = useLingui();
  const ids = circle.memberIds ?? [];
  const links = ids.map((id, index) => {
    const [payer, receiver] = [people.name(id), people.name(ids[(index + 1) % ids.length])];
    return t`${payer} owed ${receiver}`;
  });
  const chain = new Intl.ListFormat(formatLocale()).format(links);
  const amount = formatMoney(absolute(circle.amount ?? "0"), currency, formatLocale());
  return (
    <Trans>
      {chain}. That went round in a circle, so <span className="number">{amount}</span> of each debt cancelled
      out.
    </Trans>
  );
}

function Further({ amount = "0", currency }: { amount: string | undefined; currency: string }): ReactNode {
  const shown = formatMoney(absolute(amount), currency, formatLocale());
  return (
    <p>
      <Trans>
        Further circles cancelled out <span className="number">{shown}</span>.
      </Trans>
    </p>
  );
}
