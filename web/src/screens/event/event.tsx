import "./event.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Suspense, type ReactNode } from "react";
import { Link } from "wouter";
import { isSignedOut } from "../../api/client.ts";
import { eventQuery } from "../../state/queries.ts";
import { isGone } from "../../state/query-client.ts";
import { useLiveEvent } from "../../state/live.ts";
import { useFormOffline, useOnline } from "../../state/offline.ts";
import { BottomBar } from "../../ui/bottom-bar.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { lazily } from "../../ui/lazily.ts";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { EventHead } from "./event-head.tsx";
import { EventNotices, OfflineNotice } from "./event-notices.tsx";
import { Expenses } from "./expenses.tsx";
import { useMarkSeen } from "../../state/seen.ts";
import { rightsOf } from "./rights.ts";

const Balances = lazily(() => import("../balances/balances.tsx"));
const Activity = lazily(() => import("../activity/activity.tsx"));

type Tab = "expenses" | "balances" | "activity";

/** An event: what the user owes or is owed, and three tabs. */
export default function EventScreen({ eventId, tab }: { eventId: string; tab: Tab }): ReactNode {
  const { t } = useLingui();
  const { data: event, error, refetch } = useQuery(eventQuery(eventId));
  const shown = error && (isGone(error) || isSignedOut(error)) ? undefined : event;
  useLiveEvent(eventId, shown?.revision);
  useMarkSeen(eventId, shown?.revision, tab === "expenses");
  useFormOffline();
  const isOnline = useOnline();
  if (!shown) {
    return (
      <Page title={event?.name ?? t`Event`} back="/">
        {error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />}
      </Page>
    );
  }
  const { write } = rightsOf(shown);
  return (
    <Page title={shown.name} back="/">
      {(error || !isOnline) && <OfflineNotice />}
      <EventNotices event={shown} />
      <EventHead event={shown} />
      <Tabs eventId={eventId} tab={tab} />
      <Suspense fallback={<Loading />}>
        {tab === "expenses" && <Expenses key={eventId} eventId={eventId} canAdd={write} />}
        {tab === "balances" && <Balances eventId={eventId} />}
        {tab === "activity" && <Activity eventId={eventId} />}
      </Suspense>
      {write && (
        <BottomBar>
          <LinkButton className="primary wide" href={`/events/${eventId}/new`}>
            <Trans>Add an expense</Trans>
          </LinkButton>
        </BottomBar>
      )}
    </Page>
  );
}

function Tabs({ eventId, tab }: { eventId: string; tab: Tab }): ReactNode {
  const { t } = useLingui();
  const tabs = [
    { name: "expenses", label: t`Expenses`, href: `/events/${eventId}` },
    { name: "balances", label: t`Balances`, href: `/events/${eventId}/balances` },
    { name: "activity", label: t`Activity`, href: `/events/${eventId}/activity` },
  ];
  return (
    <nav aria-label={t`Views of the event`} className="event-tabs">
      {tabs.map(({ name, label, href }) => (
        <Link key={name} href={href} className="event-tab" aria-current={name === tab ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
