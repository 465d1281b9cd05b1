import { Plural, Trans } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { useWrites } from "../../outbox/index.ts";
import { expensesQuery, type ExpenseFilters } from "../../state/queries.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { More } from "../../ui/more.tsx";
import { daysOf } from "./entries.ts";
import { ExpenseDays } from "./expense-days.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { readFilters, searched, writeFilters } from "./filters.ts";
import { usePeople } from "./people.ts";
import { useRestoredPlace } from "./place.ts";

const TYPING_MS = 250;

/** The tab of the expenses. The address has the filters, so that links and the way back lead to the same list. */
export function Expenses({ eventId, canAdd }: { eventId: string; canAdd: boolean }): ReactNode {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filters = useMemo(() => readFilters(search), [search]);
  const change = (next: ExpenseFilters): void =>
    // One step back leaves the search, however many letters it has.
    navigate(`/events/${eventId}${writeFilters(next)}`, { replace: search !== "" });
  const asked = useSettled(filters);
  const filtered = Object.keys(asked).length > 0;

  const pages = useInfiniteQuery({
    ...expensesQuery(eventId, searched(asked)),
    placeholderData: keepPreviousData,
  });
  const writes = useWrites(eventId);
  const people = usePeople(eventId);
  const expenses = useMemo(() => pages.data?.pages.flatMap((page) => page.expenses ?? []), [pages.data]);
  const days = useMemo(() => daysOf(expenses ?? [], writes, !filtered), [expenses, writes, filtered]);
  useRestoredPlace(eventId, expenses !== undefined);

  if (!expenses && days.length === 0) {
    return pages.error ? <Problem error={pages.error} retry={() => void pages.refetch()} /> : <Loading />;
  }
  return (
    <div className="stack" aria-busy={pages.isPlaceholderData}>
      {(days.length > 0 || filtered || search !== "") && (
        <FilterBar eventId={eventId} filters={filters} change={change} />
      )}
      <div role="status" className={filtered ? "small soft" : "visually-hidden"}>
        {filtered && expenses && <Found count={expenses.length} more={pages.hasNextPage} />}
      </div>
      {days.length === 0 && (
        <Nothing eventId={eventId} filtered={filtered} canAdd={canAdd} clear={() => change({})} />
      )}
      <ExpenseDays eventId={eventId} days={days} people={people} />
      <More pages={pages} />
    </div>
  );
}

/** The filters once they have rested for a moment, so that not every letter is searched for. */
function useSettled(filters: ExpenseFilters): ExpenseFilters {
  const [settled, settle] = useState(filters);
  useEffect(() => {
    const timer = setTimeout(() => settle(filters), TYPING_MS);
    return () => clearTimeout(timer);
  }, [filters]);
  return settled;
}

function Found({ count, more }: { count: number; more: boolean }): ReactNode {
  return more ? (
    <Trans>More than {count} found</Trans>
  ) : (
    <Plural value={count} one="# found" other="# found" />
  );
}

function Nothing(props: {
  eventId: string;
  filtered: boolean;
  canAdd: boolean;
  clear: () => void;
}): ReactNode {
  if (props.filtered) {
    return (
      <div className="nothing stack-close">
        <p>
          <Trans>Nothing fits this search.</Trans>
        </p>
        <Button onClick={props.clear}>
          <Trans>Show all expenses</Trans>
        </Button>
      </div>
    );
  }
  return (
    <div className="nothing stack-close">
      <h2>
        <Trans>No expenses yet</Trans>
      </h2>
      {props.canAdd && (
        <>
          <p className="soft">
            <Trans>Add the first one: what it cost, who paid, and for whom.</Trans>
          </p>
          <LinkButton className="plain" href={`/events/${props.eventId}/members`}>
            <Trans>Invite friends</Trans>
          </LinkButton>
        </>
      )}
    </div>
  );
}
