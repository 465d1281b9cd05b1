import "./activity.css";
import { Trans } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { formatDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { changesQuery, eventQuery } from "../../state/queries.ts";
import { useMarkSeen, useSeenBefore } from "../../state/seen.ts";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { usePeople } from "../event/people.ts";
import { rightsOf } from "../event/rights.ts";
import { More } from "../../ui/more.tsx";
import { ChangeItem } from "./change-item.tsx";
import { byDay, isUnread, lastChanges } from "./changes.ts";

/** The tab Activity of an event: what everybody did, newest first. */
export default function Activity({ eventId }: { eventId: string }): ReactNode {
  const people = usePeople(eventId);
  const { write } = rightsOf(useQuery(eventQuery(eventId)).data);
  const pages = useInfiniteQuery(changesQuery(eventId));
  const changes = pages.data?.pages.flatMap((page) => page.changes ?? []) ?? [];
  const seen = useSeenBefore(eventId);
  useMarkSeen(eventId, changes[0]?.revision, true);
  if (!pages.data) {
    return pages.error ? <Problem error={pages.error} retry={() => void pages.refetch()} /> : <Loading />;
  }
  if (changes.length === 0) {
    return (
      <Message>
        <Trans>Nothing has happened yet.</Trans>
      </Message>
    );
  }
  const last = lastChanges(changes);
  return (
    <div className="stack">
      {byDay(changes).map(({ day, changes: ofDay }) => (
        <section key={day} className="activity-day">
          <h2 className="soft small">{formatDay(day, formatLocale())}</h2>
          <ol className="card">
            {ofDay.map((change) => (
              <ChangeItem
                key={change.revision}
                eventId={eventId}
                change={change}
                unread={isUnread(change, people.me, seen)}
                last={write && last.has(change.revision ?? "")}
                people={people}
              />
            ))}
          </ol>
        </section>
      ))}
      <More pages={pages} />
    </div>
  );
}
