import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { useLiveEvent } from "../../state/live.ts";
import { eventQuery, membersQuery } from "../../state/queries.ts";
import { hides } from "../../state/query-client.ts";
import { EventName } from "../../ui/event-name.tsx";
import { Button } from "../../ui/button.tsx";
import { useFold } from "../../ui/fold.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { EventNotices } from "../event/event-notices.tsx";
import { rightsOf } from "../event/rights.ts";
import { AddGuest } from "./add-guest.tsx";
import { Invite } from "./invite.tsx";
import { MemberRow } from "./member-row.tsx";
import { OpenInvitations } from "./open-invitations.tsx";
import "./members.css";

/** Who takes part in an event, and how others come in. */
export default function Members({ eventId }: { eventId: string }): ReactNode {
  const { t } = useLingui();
  const event = useQuery(eventQuery(eventId));
  const members = useQuery(membersQuery(eventId));
  const error = event.error ?? members.error;
  const known = event.data && members.data;
  const hidden = hides(error, known);
  useLiveEvent(eventId, event.data?.revision);
  const retry = (): void => void Promise.all([event.refetch(), members.refetch()]);
  return (
    <Page title={t`Members`} back={`/events/${eventId}`}>
      {hidden && <Problem error={error} retry={retry} />}
      {!hidden && !known && <Loading />}
      {!hidden && known && (
        <>
          <EventName eventId={eventId} />
          <EventNotices event={event.data} />
          <Everybody event={event.data} members={members.data} />
          {rightsOf(event.data).write && <Inviting event={event.data} members={members.data} />}
        </>
      )}
    </Page>
  );
}

interface InEvent {
  event: Schemas["Event"];
  members: readonly Schemas["Member"][];
}

function Everybody({ event, members }: InEvent): ReactNode {
  const active = members.filter(({ state }) => state !== "MEMBER_STATE_INACTIVE");
  const gone = members.filter(({ state }) => state === "MEMBER_STATE_INACTIVE");
  return (
    <>
      <section className="card stack-close">
        <h2>
          <Plural value={active.length} one="# member" other="# members" />
        </h2>
        <Rows event={event} members={active} />
      </section>
      {gone.length > 0 && (
        <details className="card members-gone">
          <summary>
            <Plural value={gone.length} one="# has left" other="# have left" />
          </summary>
          <Rows event={event} members={gone} />
        </details>
      )}
    </>
  );
}

function Rows({ event, members }: InEvent): ReactNode {
  const [shown, fold] = useFold(members, 30);
  return (
    <>
      <ul className="members-list">
        {shown.map((member) => (
          <MemberRow key={member.id} event={event} member={member} />
        ))}
      </ul>
      {fold}
    </>
  );
}

function Inviting({ event, members }: InEvent): ReactNode {
  const [open, setOpen] = useState<"" | "guest" | "invite">("");
  const close = (): void => setOpen("");
  return (
    <>
      <OpenInvitations event={event} members={members} />
      <div className="members-add">
        <Button onClick={() => setOpen("guest")}>
          <Trans>Add by name</Trans>
        </Button>
        <Button className="primary" onClick={() => setOpen("invite")}>
          <Trans>Invite</Trans>
        </Button>
      </div>
      {open === "guest" && <AddGuest event={event} onClose={close} />}
      {open === "invite" && <Invite event={event} members={members} onClose={close} />}
    </>
  );
}
