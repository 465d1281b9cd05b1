import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { lastChangesQuery, myBalancesQuery, overviewQuery } from "../../state/queries.ts";
import { BottomBar } from "../../ui/bottom-bar.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { More } from "../../ui/more.tsx";
import { Page } from "../../ui/page.tsx";
import { EventRow } from "./event-row.tsx";
import { InvitationButton } from "./invitation-button.tsx";
import { MyTotal } from "./my-total.tsx";
import { VerifyNote } from "./verify-note.tsx";

/** What the user owes and is owed, and their events. */
export function MyEvents({ user }: { user: Schemas["User"] }): ReactNode {
  const { t } = useLingui();
  const overview = useInfiniteQuery(overviewQuery);
  const balances = useQuery(myBalancesQuery);
  const pages = overview.data?.pages ?? [];
  const events = pages.flatMap((page) => page.events ?? []);
  const archived = pages.flatMap((page) => page.archivedEvents ?? []);
  const settings = (
    <LinkButton className="icon" href="/settings" aria-label={t`Settings`}>
      <SettingsIcon />
    </LinkButton>
  );
  return (
    <Page title={t`My events`} actions={settings}>
      {overview.error && !overview.isFetchNextPageError && (
        <Problem error={overview.error} retry={() => void overview.refetch()} />
      )}
      {overview.data && balances.data && (
        <MyTotal balances={balances.data.balances ?? []} own={user.currencyCode ?? ""} />
      )}
      {overview.isPending && <Loading />}
      {overview.data && events.length === 0 && <NoEvents archived={archived.length > 0} />}
      <Rows events={events} />
      {!user.emailVerified && <VerifyNote email={user.email ?? ""} />}
      {archived.length > 0 && (
        <details className="home-archived">
          <summary>
            <Trans>Archived events</Trans>
          </summary>
          <Rows events={archived} />
        </details>
      )}
      {overview.data && <More pages={overview} />}
      {overview.data && <InvitationButton className="plain" />}
      <BottomBar>
        <LinkButton className="primary wide" href="/events/new">
          <Trans>Start a trip</Trans>
        </LinkButton>
      </BottomBar>
    </Page>
  );
}

function Rows({ events }: { events: readonly Schemas["MyEvent"][] }): ReactNode {
  const { data: changes = [] } = useQuery(lastChangesQuery);
  if (events.length === 0) {
    return null;
  }
  return (
    <ul className="stack-close">
      {events.map((each) => (
        <EventRow key={each.event?.id} mine={each} changes={changes} />
      ))}
    </ul>
  );
}

function NoEvents({ archived }: { archived: boolean }): ReactNode {
  return (
    <div className="card stack-close">
      <h2>{archived ? <Trans>All your events are archived</Trans> : <Trans>No events yet</Trans>}</h2>
      <p className="soft">
        <Trans>
          Start with the trip, the flat or the evening that you share. Then add who is with you: they need no
          account for it.
        </Trans>
      </p>
    </div>
  );
}

function SettingsIcon(): ReactNode {
  return (
    <svg aria-hidden="true" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor">
      <circle cx="12" cy="8" r="4" strokeWidth="2" />
      <path d="M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
