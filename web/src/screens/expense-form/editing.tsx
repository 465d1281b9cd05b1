import { useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Refusal, type Schemas } from "../../api/client.ts";
import { expenseQuery } from "../../state/queries.ts";
import { leaveTo } from "../../ui/back.ts";
import { Button } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { Conflict } from "./conflict.tsx";
import { dropDraft } from "./draft.ts";
import { ExpenseForm } from "./expense-form.tsx";
import { Failure } from "./failure.tsx";
import type { FormState } from "./model/form-state.ts";
import { useForm, type Given } from "./use-form.ts";
import { useSave } from "./use-save.ts";

/** The form of an expense that exists. current: as the server has it now; version: that the form began with. */
export function Editing(props: {
  given: Given;
  started: FormState;
  current: Schemas["Expense"];
  version: number;
  title: string;
  back: string;
}): ReactNode {
  const { t } = useLingui();
  const { back, current } = props;
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const form = useForm(props.given, props.started);
  const { busy, error, save, written } = useSave(form);
  const [comparing, setComparing] = useState(false);
  const { expenseId, etag } = form;
  const stale = etag !== undefined && current.etag !== undefined && current.etag !== etag && !busy;

  const write = async (over: string | undefined): Promise<void> => {
    const expense = written();
    const restored = over === etag ? props.version : (current.version ?? 1);
    const failure = await save(
      { kind: "update", expenseId, expense, ...(over !== undefined && { etag: over }) },
      (next) => ({ kind: "restore", expenseId, version: restored, etag: next }),
      t`Saved: ${expense.reason}`,
    );
    if (failure === undefined) {
      leaveTo(back, navigate);
    } else if (isStale(failure)) {
      // Somebody else was faster: what they wrote is needed to compare.
      await client.invalidateQueries(expenseQuery(form.event.id ?? "", expenseId));
      setComparing(true);
    }
  };
  const takeTheirs = async (): Promise<void> => {
    await dropDraft(form.draftKey);
    leaveTo(back, navigate);
  };

  return (
    <Page title={props.title} back={back}>
      {stale && (
        <Message kind="note">
          <div className="stack-close">
            <p>
              <Trans>Somebody else changed this meanwhile. What you typed is still here.</Trans>
            </p>
            <Button onClick={() => setComparing(true)}>
              <Trans>Compare both</Trans>
            </Button>
          </div>
        </Message>
      )}
      {stale && comparing && (
        <Conflict
          form={form}
          mine={written()}
          theirs={current}
          onMine={() => void write(current.etag)}
          onTheirs={() => void takeTheirs()}
          onClose={() => setComparing(false)}
        />
      )}
      <ExpenseForm form={form} busy={busy} onSave={() => (stale ? setComparing(true) : void write(etag))}>
        {error !== undefined && !isStale(error) && <Failure error={error} />}
      </ExpenseForm>
    </Page>
  );
}

function isStale(error: unknown): boolean {
  return error instanceof Refusal && error.reason === "ETAG_STALE";
}
