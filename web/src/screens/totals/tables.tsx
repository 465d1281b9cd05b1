import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { formatMonth } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { largest } from "../../money/ratio.ts";
import type { ExpenseFilters } from "../../state/queries.ts";
import { useCategoryOf } from "../../state/categories.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Bar } from "../../ui/bar.tsx";
import { CategoryIcon } from "../../ui/category-icon.tsx";
import { useFold } from "../../ui/fold.tsx";
import { Money } from "../../ui/money.tsx";
import { MemberName } from "../balances/words.tsx";
import { writeFilters } from "../event/filters.ts";
import type { People } from "../event/people.ts";
import { categoryRows, daysOf, memberRows, monthRows } from "./rows.ts";

type Totals = Schemas["CurrencyTotals"];

/** What each member has paid, and their part of the cost. */
export function ByMember({ totals, people }: { totals: Totals; people: People }): ReactNode {
  const { currencyCode: currency = "" } = totals;
  const rows = memberRows(totals);
  const most = largest(rows.flatMap(({ paid, owed }) => [paid, owed]));
  const [shown, fold] = useFold(rows);
  return (
    <Table title={<Trans>By member</Trans>} fold={fold}>
      <thead className="soft small">
        <tr>
          <th scope="col">
            <Trans>Member</Trans>
          </th>
          <th scope="col">
            <Trans>Paid</Trans>
          </th>
          <th scope="col">
            <Trans>Part</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ memberId = "", paid, owed }) => (
          <tr key={memberId} className="totals-members">
            <th scope="row">
              <span className="totals-name">
                <Avatar member={people.members.get(memberId)} />
                <MemberName memberId={memberId} people={people} />
              </span>
            </th>
            <Cell amount={paid} most={most} currency={currency} />
            <Cell amount={owed} most={most} currency={currency} tone="soft" />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function ByCategory({ eventId, totals }: { eventId: string; totals: Totals }): ReactNode {
  const categoryOf = useCategoryOf();
  const { currencyCode: currency = "" } = totals;
  const rows = categoryRows(totals);
  const most = largest(rows.map(({ total }) => total));
  const [shown, fold] = useFold(rows);
  return (
    <Table title={<Trans>By category</Trans>} fold={fold}>
      <Head>
        <Trans>Category</Trans>
      </Head>
      <tbody>
        {shown.map(({ category = "", key, total }) => (
          <tr key={category}>
            <th scope="row">
              <span className="totals-name">
                <CategoryIcon category={key || category} />
                {category ? (
                  <Link href={listOf(eventId, { currencyCode: currency, category })}>
                    <bdi>{categoryOf(key || category).name}</bdi>
                  </Link>
                ) : (
                  <Trans>Without a category</Trans>
                )}
              </span>
            </th>
            <Cell amount={total} most={most} currency={currency} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function ByMonth({ eventId, totals }: { eventId: string; totals: Totals }): ReactNode {
  const { currencyCode: currency = "" } = totals;
  const rows = monthRows(totals);
  const most = largest(rows.map(({ total }) => total));
  const [shown, fold] = useFold(rows, 24);
  return (
    <Table title={<Trans>By month</Trans>} fold={fold}>
      <Head>
        <Trans>Month</Trans>
      </Head>
      <tbody>
        {shown.map(({ month, total }) => (
          <tr key={month}>
            <th scope="row">
              <span className="totals-name">
                <Link href={listOf(eventId, { currencyCode: currency, ...daysOf(month) })}>
                  {formatMonth(month, formatLocale())}
                </Link>
              </span>
            </th>
            <Cell amount={total} most={most} currency={currency} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Table(props: { title: ReactNode; fold: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="card totals-section">
      <table className="totals-table">
        <caption>
          <h2>{props.title}</h2>
        </caption>
        {props.children}
      </table>
      {props.fold}
    </section>
  );
}

/** The heads of a table with one column of amounts. The eye needs none. */
function Head({ children }: { children: ReactNode }): ReactNode {
  return (
    <thead className="visually-hidden">
      <tr>
        <th scope="col">{children}</th>
        <th scope="col">
          <Trans>Cost</Trans>
        </th>
      </tr>
    </thead>
  );
}

function Cell(props: {
  amount: string | undefined;
  most: string;
  currency: string;
  tone?: "soft";
}): ReactNode {
  const { amount, most, currency, tone = "" } = props;
  return (
    <td>
      <Money amount={amount} currency={currency} />
      <Bar amount={amount} most={most} tone={tone} />
    </td>
  );
}

/** The list of the expenses that an amount is made of. */
function listOf(eventId: string, filters: ExpenseFilters): string {
  return `/events/${eventId}${writeFilters(filters)}`;
}
