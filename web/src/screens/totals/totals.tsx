import "./totals.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useLiveEvent } from "../../state/live.ts";
import { useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { eventQuery, totalsQuery } from "../../state/queries.ts";
import { hides } from "../../state/query-client.ts";
import { EventName } from "../../ui/event-name.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { Chip } from "../../ui/field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Money } from "../../ui/money.tsx";
import { Page } from "../../ui/page.tsx";
import { usePeople, type People } from "../event/people.ts";
import { rightsOf } from "../event/rights.ts";
import { ByCategory, ByMember, ByMonth } from "./tables.tsx";
import { ShareTotals } from "./share-totals.tsx";

/** What an event has cost: altogether, and by member, category and month. One currency at a time. */
export default function Totals({ eventId }: { eventId: string }): ReactNode {
  const { t } = useLingui();
  const people = usePeople(eventId);
  const { data: event } = useQuery(eventQuery(eventId));
  const totals = useQuery(totalsQuery(eventId));
  useLiveEvent(eventId, event?.revision);
  const [wanted, setWanted] = useState("");
  const currencies = totals.data?.currencies ?? [];
  const codes = currencies.map(({ currencyCode = "" }) => currencyCode);
  const chosen =
    currencies.find(({ currencyCode }) => currencyCode === (wanted || event?.currencyCode)) ?? currencies[0];
  return (
    <Page title={t`Totals`} back={`/events/${eventId}`}>
      <EventName eventId={eventId} />
      {codes.length > 1 && (
        <fieldset className="row totals-currencies">
          <legend className="visually-hidden">
            <Trans>Currency</Trans>
          </legend>
          {codes.map((code) => (
            <Chip
              key={code}
              type="radio"
              name="currency"
              checked={code === chosen?.currencyCode}
              onChange={() => setWanted(code)}
            >
              {code}
            </Chip>
          ))}
        </fieldset>
      )}
      {hides(totals.error, totals.data) ? (
        <Problem error={totals.error} retry={() => void totals.refetch()} />
      ) : chosen ? (
        <InCurrency eventId={eventId} title={event?.name ?? ""} totals={chosen} people={people} />
      ) : totals.data ? (
        <NothingYet eventId={eventId} mayWrite={rightsOf(event).write} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function InCurrency(props: {
  eventId: string;
  title: string;
  totals: Schemas["CurrencyTotals"];
  people: People;
}): ReactNode {
  const { eventId, title, totals, people } = props;
  const { total, currencyCode: currency = "", byMember = [] } = totals;
  const mine = byMember.find(({ memberId }) => memberId === people.me);
  return (
    <>
      <section className="card" aria-live="polite">
        <h2 className="soft small">
          <Trans>Spent together</Trans>
        </h2>
        <p className="huge totals-total">
          <Money amount={total} currency={currency} />
        </p>
        {mine && (
          <p>
            <Trans>
              You paid <Money amount={mine.paid} currency={currency} />. Your part is{" "}
              <Money amount={mine.owed} currency={currency} />.
            </Trans>
          </p>
        )}
        <p className="soft small">
          <Trans>Payments between you do not count; income counts as less spent.</Trans>
        </p>
      </section>
      <ByMember totals={totals} people={people} />
      <ByCategory eventId={eventId} totals={totals} />
      <ByMonth eventId={eventId} totals={totals} />
      <ShareTotals title={title} totals={totals} people={people} />
    </>
  );
}

function NothingYet({ eventId, mayWrite }: { eventId: string; mayWrite: boolean }): ReactNode {
  return (
    <div className="card stack-close">
      <p>
        <Trans>Nothing was spent yet. The totals appear here after the first expense.</Trans>
      </p>
      {mayWrite && (
        <LinkButton className="primary" href={`/events/${eventId}/new`}>
          <Trans>Add an expense</Trans>
        </LinkButton>
      )}
    </div>
  );
}
