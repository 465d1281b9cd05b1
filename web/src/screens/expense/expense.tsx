import "./expense.css";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useWrites } from "../../outbox/index.ts";
import { isSignedOut } from "../../api/client.ts";
import { useLiveEvent } from "../../state/live.ts";
import { useOnline } from "../../state/offline.ts";
import { eventQuery, expenseQuery } from "../../state/queries.ts";
import { isGone } from "../../state/query-client.ts";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { newEntry, withWrites, type Entry } from "../event/entries.ts";
import { OfflineNotice } from "../event/event-notices.tsx";
import { usePeople } from "../event/people.ts";
import { listAddress } from "../event/place.ts";
import { rightsOf } from "../event/rights.ts";
import { useListed } from "./listed.ts";
import { ExpenseView } from "./expense-view.tsx";

/** One expense: what it was, everybody's part and why, comments, and its earlier versions. */
export default function ExpenseScreen(props: { eventId: string; expenseId: string }): ReactNode {
  const { eventId, expenseId } = props;
  const { t } = useLingui();
  const { data: event, error: eventError } = useQuery(eventQuery(eventId));
  const listed = useListed(eventId, expenseId);
  const { data = listed, error, refetch } = useQuery(expenseQuery(eventId, expenseId));
  const writes = useWrites(eventId);
  const people = usePeople(eventId);
  useLiveEvent(eventId, event?.revision);
  const isOnline = useOnline();

  const entry: Entry | undefined = data ? withWrites(data, writes) : newEntry(expenseId, writes);
  const problem = [error, eventError].find((each) => each && (isSignedOut(each) || isGone(each)));
  if (!entry || (problem && !entry.isNew)) {
    const shown = problem ?? error;
    return (
      <Page title={t`Expense`} back={listAddress(eventId)}>
        {shown ? <Problem error={shown} retry={() => void refetch()} /> : <Loading />}
      </Page>
    );
  }
  const title = entry.expense.kind === "EXPENSE_KIND_TRANSFER" ? t`Payment` : entry.expense.reason;
  return (
    <Page title={title} back={listAddress(eventId)}>
      {(error || !isOnline) && !entry.isNew && <OfflineNotice />}
      <ExpenseView eventId={eventId} entry={entry} people={people} rights={rightsOf(event)} />
    </Page>
  );
}
