import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatShortDay, localDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { Chip, TextArea, TextField } from "../../ui/field.tsx";
import { Group } from "./group.tsx";
import type { FormState, Kind } from "./model/form-state.ts";
import { matching, Suggestions } from "./suggestions.tsx";
import type { Form } from "./use-form.ts";

const MOST = 8;
const KINDS: readonly Kind[] = ["EXPENSE_KIND_EXPENSE", "EXPENSE_KIND_TRANSFER", "EXPENSE_KIND_INCOME"];

interface Props {
  form: Form;
  recent: Schemas["RecentlyUsed"] | undefined;
  categories: readonly Schemas["Category"][];
}

/** What the simple case does without. It folds; what is in it stands in its line. */
export function More(props: Props & { open: boolean }): ReactNode {
  const { form } = props;
  const { state } = form;
  const [open, setOpen] = useState(false);
  return (
    <details
      className="expense-form-more"
      open={open || props.open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span className="grow">
          <Trans>Day, category, notes</Trans>
          <span className="soft small expense-form-summary">
            <Summary state={state} />
          </span>
        </span>
      </summary>
      <div className="stack">
        <Details {...props} />
        <KindChoice form={form} />
      </div>
    </details>
  );
}

function Summary({ state }: { state: FormState }): ReactNode {
  const { t } = useLingui();
  const day = state.date === localDay() ? t`Today` : state.date && formatShortDay(state.date, formatLocale());
  return [day, state.category].filter(Boolean).join(" · ");
}

export function useKindName(): (kind: Kind) => string {
  const { t } = useLingui();
  return (kind) =>
    ({
      EXPENSE_KIND_EXPENSE: t`Expense`,
      EXPENSE_KIND_TRANSFER: t`Payment between two`,
      EXPENSE_KIND_INCOME: t`Refund or income`,
    })[kind];
}

function KindChoice({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const kindName = useKindName();
  const { state, change } = form;
  const choose = (kind: Kind): void =>
    change({ kind, ...(kind === "EXPENSE_KIND_TRANSFER" && { payerIds: state.payerIds.slice(0, 1) }) });
  return (
    <Group legend={t`What it is`} error={form.error("kind")}>
      <div className="row">
        {KINDS.map((kind) => (
          <Chip
            key={kind}
            type="radio"
            name="kind"
            checked={state.kind === kind}
            onChange={() => choose(kind)}
          >
            {kindName(kind)}
          </Chip>
        ))}
      </div>
    </Group>
  );
}

function Details({ form, recent, categories }: Props): ReactNode {
  const { t } = useLingui();
  const { state, change, error } = form;
  const names = new Map(categories.map((category) => [category.key ?? "", category.name ?? ""]));
  const used = (recent?.categories ?? []).map((each) => names.get(each.key ?? "") ?? each.category ?? "");
  return (
    <>
      <TextField
        label={t`Day`}
        type="date"
        min="1900-01-01"
        max="2199-12-31"
        value={state.date}
        error={error("date")}
        onChange={(event) => change({ date: event.target.value })}
      />
      <div className="stack-close">
        <TextField
          label={t`Category`}
          autoComplete="off"
          value={names.get(state.category) ?? state.category}
          error={error("category")}
          onChange={(event) => change({ category: event.target.value })}
        />
        <Suggestions
          label={t`Common categories`}
          values={matching([...used, ...names.values()], names.get(state.category) ?? state.category, MOST)}
          onTake={(category) => change({ category })}
        />
      </div>
      <TextArea
        label={t`Notes`}
        value={state.notes}
        error={error("notes")}
        onChange={(event) => change({ notes: event.target.value })}
      />
    </>
  );
}
