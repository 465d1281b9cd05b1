import { useQuery } from "@tanstack/react-query";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { useLiveEvent } from "../../state/live.ts";
import { currenciesQuery, eventQuery, membersQuery } from "../../state/queries.ts";
import { LinkButton } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import type { Member } from "./model/form-state.ts";

export interface Known {
  event: Schemas["Event"];
  members: readonly Member[];
  currencies: readonly Schemas["Currency"][];
}

/** Shows the form once all that it needs is known, if the user may write. */
export function Ready(props: {
  eventId: string;
  title: string;
  back: string;
  children: (known: Known) => ReactNode;
}): ReactNode {
  const event = useQuery(eventQuery(props.eventId));
  const members = useQuery(membersQuery(props.eventId));
  const currencies = useQuery(currenciesQuery(formatLocale()));
  useLiveEvent(props.eventId, event.data?.revision);
  if (event.data && members.data && currencies.data) {
    const why = <ReadOnly event={event.data} />;
    if (isWritable(event.data)) {
      return props.children({ event: event.data, members: members.data, currencies: currencies.data });
    }
    return (
      <Page title={props.title} back={props.back}>
        {why}
      </Page>
    );
  }
  const failed = [event, members, currencies].find((query) => !query.data && query.isError);
  return (
    <Page title={props.title} back={props.back}>
      {failed ? <Problem error={failed.error} retry={() => void failed.refetch()} /> : <Loading />}
    </Page>
  );
}

function isWritable(event: Schemas["Event"]): boolean {
  return !event.archiveTime && !event.deleteTime && event.role !== "ROLE_VIEWER";
}

function ReadOnly({ event }: { event: Schemas["Event"] }): ReactNode {
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          {event.deleteTime ? (
            <Trans>This event was deleted, so its expenses cannot change.</Trans>
          ) : event.archiveTime ? (
            <Trans>This event is archived, so its expenses cannot change. An owner can open it again.</Trans>
          ) : (
            <Trans>You may read this event, but not change it. Ask an owner for the role of an editor.</Trans>
          )}
        </p>
        <LinkButton href={`/events/${event.id ?? ""}`}>
          <Trans>To the event</Trans>
        </LinkButton>
      </div>
    </Message>
  );
}
