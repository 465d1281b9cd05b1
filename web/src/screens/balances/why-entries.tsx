import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { formatShortDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { formatMoney } from "../../money/format.ts";
import { negated } from "../../money/ratio.ts";
import { Money } from "../../ui/money.tsx";
import type { People } from "../event/people.ts";

/** The expenses, incomes and payments that make the balance or the debt, newest first. */
export function WhyEntries(props: {
  eventId: string;
  entries: readonly Schemas["DebtEntry"][];
  memberId: string;
  people: People;
}): ReactNode {
  const { eventId, entries, memberId, people } = props;
  const name = people.name(memberId);
  if (entries.length === 0) {
    return null;
  }
  return (
    <section className="stack-close">
      <h2>
        <Trans>Expenses and payments in it</Trans>
      </h2>
      <p className="soft small">
        {memberId === people.me ? (
          <Trans>+ is owed to you, − you owe.</Trans>
        ) : (
          <Trans>
            + is owed to <bdi>{name}</bdi>, − <bdi>{name}</bdi> owes.
          </Trans>
        )}
      </p>
      <ul className="card why-entries">
        {entries.map((entry) => (
          <li key={entry.expenseId}>
            <Entry eventId={eventId} entry={entry} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Entry({ eventId, entry }: { eventId: string; entry: Schemas["DebtEntry"] }): ReactNode {
  const { t } = useLingui();
  const { expenseId = "", reason, date = "", currencyCode = "", expenseAmount = "0", amount, kind } = entry;
  const day = formatShortDay(date, formatLocale());
  const total = formatMoney(expenseAmount, currencyCode, formatLocale());
  const words =
    kind === "EXPENSE_KIND_TRANSFER"
      ? t`${day} · payment, ${total}`
      : kind === "EXPENSE_KIND_INCOME"
        ? t`${day} · income, ${total}`
        : `${day} · ${total}`;
  return (
    <Link href={`/events/${eventId}/expenses/${expenseId}`} className="why-entry">
      <span className="grow">
        <bdi>{reason}</bdi>
        <span className="soft small why-when">{words}</span>
      </span>
      {/* An entry counts as a debt; the reader sees what it does to the balance. */}
      <Money amount={negated(amount)} currency={currencyCode} signed />
    </Link>
  );
}
