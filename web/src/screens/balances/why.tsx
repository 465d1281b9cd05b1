import "./balances.css";
import "./why.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Refusal, type Schemas } from "../../api/client.ts";
import { balancesQuery, explanationQuery } from "../../state/queries.ts";
import { Select } from "../../ui/field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { usePeople, type People } from "../event/people.ts";
import { More } from "../../ui/more.tsx";
import { DebtsOmitted, DirectDebts } from "./direct-debts.tsx";
import { WhyBalance, WhyDebt } from "./why-sums.tsx";
import { WhyEntries } from "./why-entries.tsx";

/** Why a member owes or is owed; `?with=MEMBER_ID` asks about the debt between the two alone. */
export default function Why({ eventId, memberId }: { eventId: string; memberId: string }): ReactNode {
  const { t } = useLingui();
  const people = usePeople(eventId);
  const [search] = useSearchParams();
  const other = search.get("with") ?? "";
  const balances = useQuery(balancesQuery(eventId));
  const explanation = useInfiniteQuery(explanationQuery(eventId, memberId, other));
  const [name, otherName] = [people.name(memberId), people.name(other)];
  const title = other
    ? t`${name} and ${otherName}`
    : memberId === people.me
      ? t`Your balance`
      : people.members.has(memberId)
        ? t`Balance of ${name}`
        : t`Balance`;
  return (
    <Page
      title={title}
      back={other ? `/events/${eventId}/balances/${memberId}` : `/events/${eventId}/balances`}
    >
      {explanation.data && balances.data ? (
        <>
          <Answer
            eventId={eventId}
            memberId={memberId}
            other={other}
            balances={balances.data}
            pages={explanation.data.pages}
            people={people}
          />
          <More pages={explanation} />
        </>
      ) : isUnknown(explanation.error) ? (
        <Message kind="note">
          <Trans>This event has no such member.</Trans>
        </Message>
      ) : (explanation.error ?? balances.error) ? (
        <Problem
          error={explanation.error ?? balances.error}
          retry={() => void Promise.all([explanation.refetch(), balances.refetch()])}
        />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function isUnknown(error: unknown): boolean {
  return error instanceof Refusal && error.violations.some(({ reason }) => reason === "MEMBER_UNKNOWN");
}

interface Known {
  eventId: string;
  memberId: string;
  other: string;
  balances: Schemas["Balances"];
  pages: readonly Schemas["DebtExplanation"][];
  people: People;
}

function Answer({ eventId, memberId, other, balances, pages, people }: Known): ReactNode {
  const { currencies = [], debtsOmitted } = balances;
  const entries = pages.flatMap((page) => page.entries ?? []);
  const debts = pages[0]?.debts ?? [];
  return (
    <>
      <Whom eventId={eventId} memberId={memberId} other={other} people={people} />
      {debts.length === 0 && entries.length === 0 && (
        <Message>
          {other ? (
            <Trans>No expense or payment is between these two.</Trans>
          ) : (
            <Trans>No expense or payment has a part of this member.</Trans>
          )}
        </Message>
      )}
      {other
        ? debts.map((debt) => (
            <WhyDebt key={debt.currencyCode} debt={debt} memberId={memberId} other={other} people={people} />
          ))
        : currencies.map((each) => {
            const balance = each.members?.find((member) => member.memberId === memberId);
            return (
              balance && (
                <section key={each.currencyCode} className="card stack-close">
                  <WhyBalance balance={balance} currency={each.currencyCode ?? ""} people={people} />
                  <DirectDebts eventId={eventId} balances={each} memberId={memberId} people={people} />
                </section>
              )
            );
          })}
      {!other && debtsOmitted && <DebtsOmitted />}
      <WhyEntries eventId={eventId} entries={entries} memberId={memberId} people={people} />
    </>
  );
}

/** With whom: everybody, or one other member. */
function Whom(props: { eventId: string; memberId: string; other: string; people: People }): ReactNode {
  const { eventId, memberId, other, people } = props;
  const { t } = useLingui();
  const [, go] = useLocation();
  const others = [...people.members.keys()].filter((id) => id !== memberId);
  return (
    <Select
      label={t`With`}
      value={other}
      onChange={({ target }) =>
        go(`/events/${eventId}/balances/${memberId}${target.value && `?with=${target.value}`}`, {
          replace: true,
        })
      }
    >
      <option value="">{t`everybody together`}</option>
      {others.map((id) => (
        <option key={id} value={id}>
          {people.name(id)}
        </option>
      ))}
    </Select>
  );
}
