import "./expense-form.css";
import { useQuery } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { useWrites } from "../../outbox/index.ts";
import { expenseQuery } from "../../state/queries.ts";
import { LinkButton } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { draftKey } from "./draft.ts";
import { Editing } from "./editing.tsx";
import { digitsOfCurrency } from "./model/currency.ts";
import { beneficiariesOf, fromExpense } from "./model/from-api.ts";
import { isActive } from "./model/usual-split.ts";
import { Ready, type Known } from "./ready.tsx";
import { Resumed } from "./resumed.tsx";
import type { Given } from "./use-form.ts";

export default function EditExpense(props: { eventId: string; expenseId: string }): ReactNode {
  const { t } = useLingui();
  const { eventId, expenseId } = props;
  const query = useQuery(expenseQuery(eventId, expenseId));
  const waiting = useWaiting(eventId, expenseId);
  const title = t`Edit`;
  const back = `/events/${eventId}/expenses/${expenseId}`;
  const expense = query.data || waiting ? { reason: "", payments: [], ...query.data, ...waiting } : undefined;
  if (!expense || expense.deleteTime) {
    return (
      <Page title={title} back={back}>
        {expense ? (
          <Deleted back={back} />
        ) : query.isError ? (
          <Problem error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  }
  return (
    <Ready eventId={eventId} title={title} back={back}>
      {(known) => <Begin known={known} expenseId={expenseId} expense={expense} title={title} back={back} />}
    </Ready>
  );
}

/** What this device has not sent yet of the expense: the form goes on from it. */
function useWaiting(eventId: string, expenseId: string): Partial<Schemas["Expense"]> | undefined {
  const operation = useWrites(eventId).findLast(
    (write) => write.operation.expenseId === expenseId && "expense" in write.operation,
  )?.operation;
  return operation && "expense" in operation ? operation.expense : undefined;
}

function Deleted({ back }: { back: string }): ReactNode {
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          <Trans>This was deleted. Bring it back first, then you can change it.</Trans>
        </p>
        <LinkButton href={back}>
          <Trans>Look at it</Trans>
        </LinkButton>
      </div>
    </Message>
  );
}

function Begin(props: {
  known: Known;
  expenseId: string;
  expense: Schemas["Expense"];
  title: string;
  back: string;
}): ReactNode {
  const { known, expense, expenseId } = props;
  const { event, members, currencies } = known;
  // What was there when the form was opened, whatever others write meanwhile.
  const [before] = useState(expense);
  const part = new Set([
    ...before.payments.map((payment) => payment.memberId),
    ...beneficiariesOf(before.split ?? {}),
  ]);
  const [initial] = useState(() =>
    fromExpense(before, digitsOfCurrency(currencies, before.currencyCode ?? "")),
  );
  const given: Given = {
    event,
    members,
    // Who has left keeps their part.
    selectable: members.filter((member) => isActive(member) || part.has(member.id ?? "")),
    currencies,
    expenseId,
    initial,
    draftKey: draftKey(event.memberId ?? "", expenseId),
    ...(before.etag !== undefined && { etag: before.etag }),
  };
  return (
    <Resumed given={given} title={props.title} back={props.back}>
      {(resumed, started) => (
        <Editing
          given={resumed}
          started={started}
          current={expense}
          version={before.version ?? 1}
          title={props.title}
          back={props.back}
        />
      )}
    </Resumed>
  );
}
