import "./expense-form.css";
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { newExpenseId } from "../../api/ids.ts";
import { localDay } from "../../dates.ts";
import { expenseQuery } from "../../state/queries.ts";
import { leaveTo } from "../../ui/back.ts";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { draftKey } from "./draft.ts";
import { ExpenseForm } from "./expense-form.tsx";
import { Failure } from "./failure.tsx";
import { digitsOfCurrency } from "./model/currency.ts";
import { emptyState, isTransfer, type FormState } from "./model/form-state.ts";
import { copyOf } from "./model/from-api.ts";
import { isActive, usualSplit } from "./model/usual-split.ts";
import { Ready, type Known } from "./ready.tsx";
import { Resumed } from "./resumed.tsx";
import { useForm, type Given } from "./use-form.ts";
import { useSave } from "./use-save.ts";

/** `?duplicate=EXPENSE` begins with a copy of an expense, `?kind=transfer` with a payment. */
export default function NewExpense({ eventId }: { eventId: string }): ReactNode {
  const { t } = useLingui();
  const search = new URLSearchParams(useSearch());
  const original = search.get("duplicate") ?? "";
  const transfer = search.get("kind") === "transfer";
  const copied = useQuery({ ...expenseQuery(eventId, original), enabled: original !== "" });
  const title = transfer ? t`New payment` : t`New expense`;
  const back = `/events/${eventId}`;
  if (original && !copied.data) {
    return (
      <Page title={title} back={back}>
        {copied.isError ? <Problem error={copied.error} retry={() => void copied.refetch()} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Ready eventId={eventId} title={title} back={back}>
      {(known) => <Begin known={known} title={title} back={back} transfer={transfer} copied={copied.data} />}
    </Ready>
  );
}

interface Begun {
  known: Known;
  title: string;
  back: string;
  transfer: boolean;
  copied: Schemas["Expense"] | undefined;
}

function Begin({ known, title, back, transfer, copied }: Begun): ReactNode {
  const { event, members, currencies } = known;
  const [expenseId] = useState(newExpenseId);
  const [initial] = useState(() => beginning({ known, transfer, copied }));
  const given: Given = {
    event,
    members,
    selectable: members.filter(isActive),
    currencies,
    expenseId,
    initial,
    draftKey: draftKey(event.memberId ?? ""),
  };
  return (
    <Resumed given={given} title={title} back={back}>
      {(resumed, started) => <Adding given={resumed} started={started} back={back} />}
    </Resumed>
  );
}

function beginning({ known, transfer, copied }: Pick<Begun, "known" | "transfer" | "copied">): FormState {
  const { event, members, currencies } = known;
  const active = members.filter(isActive).map((member) => member.id ?? "");
  if (copied) {
    const digits = digitsOfCurrency(currencies, copied.currencyCode ?? "");
    return copyOf(copied, { digits, date: localDay(), memberIds: active });
  }
  const empty = emptyState({
    currency: event.currencyCode ?? "",
    date: localDay(),
    own: event.memberId ?? "",
    memberIds: active,
  });
  const split = usualSplit(event.defaultSplit, members);
  return { ...empty, ...split, ...(transfer && { kind: "EXPENSE_KIND_TRANSFER" as const }) };
}

function Adding(props: { given: Given; started: FormState; back: string }): ReactNode {
  const { t } = useLingui();
  const { back } = props;
  const [, navigate] = useLocation();
  const form = useForm(props.given, props.started);
  const { busy, error, save, written } = useSave(form);
  const { expenseId, state } = form;
  const shown = useRef<HTMLDivElement>(null);
  // The amount comes first. The page itself would begin at its heading.
  useEffect(() => shown.current?.querySelector("input")?.focus(), []);
  const add = async (): Promise<void> => {
    const expense = written();
    const done = t`Saved: ${expense.reason}`;
    const operation = { kind: "create", expenseId, expense } as const;
    const failure = await save(operation, (etag) => ({ kind: "delete", expenseId, etag }), done);
    if (failure === undefined) {
      leaveTo(back, navigate);
    }
  };
  const title = isTransfer(state)
    ? t`New payment`
    : state.kind === "EXPENSE_KIND_INCOME"
      ? t`New refund or income`
      : t`New expense`;
  return (
    <Page title={title} back={back}>
      <div ref={shown}>
        <ExpenseForm form={form} busy={busy} onSave={() => void add()}>
          {error !== undefined && <Failure error={error} />}
        </ExpenseForm>
      </div>
    </Page>
  );
}
