import { Trans } from "@lingui/react/macro";
import { memo, type MouseEvent, type ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { CategoryIcon } from "../../ui/category-icon.tsx";
import { Money } from "../../ui/money.tsx";
import { WriteState } from "../../ui/write-state.tsx";
import type { Entry } from "./entries.ts";
import { PartWords, PayerWords, TransferWords } from "./expense-words.tsx";
import { myPart } from "./my-part.ts";
import type { People } from "./people.ts";
import { rememberPlace } from "./place.ts";

interface Row {
  eventId: string;
  expense: Schemas["Expense"];
  state: Entry["state"];
  deleted: boolean;
  people: People;
}

/** One expense in the list. It renders only when it changes: there may be a thousand. */
export const ExpenseRow = memo(function ExpenseRow(row: Row): ReactNode {
  const { eventId, expense, state, deleted, people } = row;
  const id = expense.id ?? "";
  const open = (event: MouseEvent<HTMLAnchorElement>): void =>
    rememberPlace(eventId, id, event.currentTarget);
  return (
    <li className="expense-row">
      <Link
        id={id}
        className="expense-row-link"
        href={state === "refused" ? "/waiting" : `/events/${eventId}/expenses/${id}`}
        onClick={open}
      >
        <CategoryIcon category={expense.category} kind={expense.kind ?? "EXPENSE_KIND_EXPENSE"} />
        <Title expense={expense} deleted={deleted} people={people} />
        <span className="expense-row-part">
          {state !== "saved" && <WriteState state={state} />}
          {state === "saved" && !deleted && <Part expense={expense} people={people} />}
        </span>
      </Link>
    </li>
  );
});

/** What it means for the reader. The title of a payment says it already. */
function Part({ expense, people }: Pick<Row, "expense" | "people">): ReactNode {
  if (expense.kind === "EXPENSE_KIND_TRANSFER") {
    return (
      <b>
        <Money amount={expense.amount} currency={expense.currencyCode} />
      </b>
    );
  }
  return <PartWords part={myPart(expense, people.me)} currency={expense.currencyCode} />;
}

function Title({ expense, deleted, people }: Pick<Row, "expense" | "deleted" | "people">): ReactNode {
  const transfer = expense.kind === "EXPENSE_KIND_TRANSFER";
  const looks = `${deleted ? "expense-row-deleted" : ""} ${transfer ? "expense-row-sentence" : ""}`;
  return (
    <span className="expense-row-title">
      <span className={`expense-row-reason ${looks}`}>
        {transfer ? <TransferWords expense={expense} people={people} /> : expense.reason}
      </span>
      <span className="expense-row-payer small soft">
        <span className="expense-row-clip">
          {deleted && (
            <>
              <Trans>Deleted</Trans>
              {" · "}
            </>
          )}
          {transfer ? expense.reason : <PayerWords expense={expense} people={people} />}
        </span>
        {(!transfer || deleted) && (
          <>
            {" "}
            <Money amount={expense.amount} currency={expense.currencyCode} />
          </>
        )}
      </span>
    </span>
  );
}
