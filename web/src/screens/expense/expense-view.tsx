import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { formatDay, formatInstant } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { useCategoryOf } from "../../state/categories.ts";
import { BottomBar } from "../../ui/bottom-bar.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import { CategoryIcon } from "../../ui/category-icon.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Money } from "../../ui/money.tsx";
import { WriteState } from "../../ui/write-state.tsx";
import type { Entry } from "../event/entries.ts";
import { PartWords, PayerWords, TransferWords } from "../event/expense-words.tsx";
import { myPart } from "../event/my-part.ts";
import type { People } from "../event/people.ts";
import type { Rights } from "../event/rights.ts";
import { useActions, type Actions } from "./actions.ts";
import { Comments } from "./comments.tsx";
import { Parts } from "./parts.tsx";
import { Versions } from "./versions.tsx";

interface View {
  eventId: string;
  entry: Entry;
  people: People;
  rights: Rights;
}

export function ExpenseView({ eventId, entry, people, rights }: View): ReactNode {
  const { expense, isNew, deleted } = entry;
  const actions = useActions(eventId, expense);
  return (
    <>
      <Notices entry={entry} rights={rights} actions={actions} />
      <Head entry={entry} people={people} />
      <Parts expense={expense} people={people} />
      {expense.notes && (
        <section className="stack-close">
          <h2>
            <Trans>Notes</Trans>
          </h2>
          <p className="expense-notes">{expense.notes}</p>
        </section>
      )}
      {actions.error !== undefined && <Problem error={actions.error} />}
      {!isNew && (
        <>
          <Comments eventId={eventId} expense={expense} people={people} readOnly={rights.readOnly} />
          <Versions
            eventId={eventId}
            expense={expense}
            people={people}
            {...(rights.write && { restore: actions })}
          />
        </>
      )}
      {rights.write && !deleted && !isNew && <Toolbar eventId={eventId} entry={entry} actions={actions} />}
    </>
  );
}

/** What is special about the expense: deleted, of the future, or not sent yet. */
function Notices(props: { entry: Entry; rights: Rights; actions: Actions }): ReactNode {
  const { entry, rights, actions } = props;
  const { deleteTime } = entry.expense;
  const when = deleteTime && formatInstant(deleteTime, formatLocale());
  return (
    <>
      {entry.state !== "saved" && (
        <Message kind="note">
          <WriteState state={entry.state} />{" "}
          {entry.state === "waiting" ? (
            <Trans>What you see is sent when howmuch answers again.</Trans>
          ) : (
            <Trans>howmuch did not take your change.</Trans>
          )}{" "}
          <Link href="/waiting">
            <Trans>See what waits</Trans>
          </Link>
        </Message>
      )}
      {entry.deleted && entry.state === "saved" && (
        <Message kind="note">
          <div className="stack-close">
            <p>{when ? <Trans>Deleted on {when}. It counts no more.</Trans> : <Trans>Deleted.</Trans>}</p>
            {rights.write && (
              <Button busy={actions.busy} onClick={() => void actions.bringBack()}>
                <Trans>Restore</Trans>
              </Button>
            )}
          </div>
        </Message>
      )}
      {entry.expense.datedAhead && (
        <Message>
          <Trans>This is dated ahead. It counts already.</Trans>
        </Message>
      )}
    </>
  );
}

function Head({ entry: { expense, deleted }, people }: Pick<View, "entry" | "people">): ReactNode {
  const category = useCategoryOf()(expense.category).name;
  const transfer = expense.kind === "EXPENSE_KIND_TRANSFER";
  return (
    <div className="expense-head">
      <div className="row">
        <p className={`huge ${deleted ? "expense-deleted" : ""}`}>
          <Money amount={expense.amount} currency={expense.currencyCode} />
        </p>
        <CategoryIcon category={expense.category} kind={expense.kind ?? "EXPENSE_KIND_EXPENSE"} />
      </div>
      <p className="expense-sentence">
        {transfer ? (
          <TransferWords expense={expense} people={people} />
        ) : (
          <PayerWords expense={expense} people={people} />
        )}
        {!transfer && !deleted && expense.shares && (
          <>
            {" · "}
            <PartWords part={myPart(expense, people.me)} currency={expense.currencyCode} />
          </>
        )}
      </p>
      <p className="soft">
        {[expense.date && formatDay(expense.date, formatLocale()), transfer ? expense.reason : category]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </div>
  );
}

function Toolbar({
  eventId,
  entry,
  actions,
}: Pick<View, "eventId" | "entry"> & { actions: Actions }): ReactNode {
  const id = entry.expense.id ?? "";
  return (
    <BottomBar>
      <Button className="danger" busy={actions.busy} onClick={() => void actions.remove()}>
        <Trans>Delete</Trans>
      </Button>
      <LinkButton href={`/events/${eventId}/new?duplicate=${id}`}>
        <Trans>Duplicate</Trans>
      </LinkButton>
      <LinkButton className="primary grow" href={`/events/${eventId}/expenses/${id}/edit`}>
        <Trans>Edit</Trans>
      </LinkButton>
    </BottomBar>
  );
}
