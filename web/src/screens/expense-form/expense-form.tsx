import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, type ReactNode, type SubmitEvent } from "react";
import { formatLocale } from "../../i18n/locale.ts";
import { categoriesQuery, recentlyUsedQuery } from "../../state/queries.ts";
import { AmountField } from "./amount-field.tsx";
import { Beneficiaries } from "./beneficiaries.tsx";
import { More } from "./more.tsx";
import { isTransfer } from "./model/form-state.ts";
import { Payers } from "./payers.tsx";
import { ReasonField } from "./reason-field.tsx";
import { SaveBar } from "./save-bar.tsx";
import { SplitEditor } from "./split/split-editor.tsx";
import type { Checked } from "./use-form.ts";

const FOLDED = /^(date|category|notes|kind)/;
const WRONG = '[aria-invalid="true"], [data-invalid="true"]';

/** The fields, and the button that saves them. onSave is called when nothing is wrong. children: what went wrong. */
export function ExpenseForm(props: {
  form: Checked;
  busy: boolean;
  onSave: () => void;
  children: ReactNode;
}): ReactNode {
  const { form } = props;
  const { asked, errors, faults } = form;
  const shown = useRef<HTMLFormElement>(null);
  const recent = useQuery(recentlyUsedQuery(form.event.id ?? "")).data;
  const categories = useQuery(categoriesQuery(formatLocale())).data ?? [];
  useEffect(() => {
    if (asked > 0) {
      shown.current?.querySelector<HTMLElement>(WRONG)?.focus();
    }
  }, [asked]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (faults.size) {
      form.showFaults();
    } else if (!props.busy) {
      props.onSave();
    }
  };
  const [missing] = errors.values();
  return (
    <form ref={shown} noValidate className="expense-form stack" onSubmit={submit}>
      <AmountField form={form} recent={recent?.currencyCodes ?? []} />
      <ReasonField form={form} recent={recent} />
      <Payers form={form} />
      <Beneficiaries form={form} />
      {!isTransfer(form.state) && <SplitEditor form={form} />}
      <More
        form={form}
        recent={recent}
        categories={categories}
        open={[...errors.keys()].some((field) => FOLDED.test(field))}
      />
      {props.children}
      <SaveBar form={form} busy={props.busy} missing={missing} />
    </form>
  );
}
