import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { useLiveEvent } from "../../state/live.ts";
import { eventQuery, membersQuery } from "../../state/queries.ts";
import { hides } from "../../state/query-client.ts";
import { EventName } from "../../ui/event-name.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { EventNotices } from "../event/event-notices.tsx";
import { rightsOf } from "../event/rights.ts";
import { ArchiveSection } from "./archive-section.tsx";
import { DefaultSplit } from "./default-split.tsx";
import { DeleteSection } from "./delete-section.tsx";
import { Details, ReadDetails } from "./details.tsx";
import { LeaveSection } from "./leave-section.tsx";
import { MyMails } from "./my-mails.tsx";
import "./event-settings.css";

/** What an event is, which mails of it the user gets, and its end: to archive, leave or delete it. */
export default function EventSettings({ eventId }: { eventId: string }): ReactNode {
  const { t } = useLingui();
  const { data: event, error, refetch } = useQuery(eventQuery(eventId));
  const members = useQuery(membersQuery(eventId));
  const hidden = hides(error, event);
  useLiveEvent(eventId, event?.revision);
  return (
    <Page title={t`Settings`} back={`/events/${eventId}`}>
      {hidden && <Problem error={error} retry={() => void refetch()} />}
      {!hidden && !event && <Loading />}
      {!hidden && event && (
        <>
          <EventName eventId={eventId} />
          <Sections event={event} members={members.data} />
        </>
      )}
    </Page>
  );
}

interface OfEvent {
  event: Schemas["Event"];
  members: readonly Schemas["Member"][] | undefined;
}

function Sections({ event, members }: OfEvent): ReactNode {
  const { own, readOnly } = rightsOf(event);
  const mine = members?.find((member) => member.id === event.memberId);
  return (
    <>
      <EventNotices event={event} />
      {own && !readOnly ? <Details event={event} /> : <ReadDetails event={event} />}
      {own && !readOnly && members && <DefaultSplit event={event} members={members} />}
      {mine && !event.deleteTime && <MyMails event={event} member={mine} />}
      {own && !event.deleteTime && <ArchiveSection event={event} />}
      {mine && !event.deleteTime && <LeaveSection event={event} member={mine} />}
      {own && <DeleteSection event={event} />}
    </>
  );
}
