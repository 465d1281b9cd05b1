import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Button } from "../../../ui/button.tsx";
import { TextField } from "../../../ui/field.tsx";
import { Group } from "../group.tsx";
import { MemberChips } from "../member-chips.tsx";
import type { Line } from "../model/form-state.ts";
import type { Form } from "../use-form.ts";

/** One line of a bill. number: counts from 1. */
export function BillLine(props: {
  form: Form;
  line: Line;
  number: number;
  onChange: (values: Partial<Line>) => void;
  onRemove: () => void;
}): ReactNode {
  const { form, line, number, onChange } = props;
  const { t } = useLingui();
  const field = `line.${line.key}`;
  return (
    <div className="expense-form-line stack-close" role="group" aria-label={t`Line ${number}`}>
      <div className="expense-form-pair">
        <TextField
          label={<Trans>Line {number}</Trans>}
          placeholder={t`Soup`}
          autoComplete="off"
          maxLength={200}
          value={line.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
        <TextField
          label={<Trans>Price</Trans>}
          inputMode="decimal"
          autoComplete="off"
          maxLength={30}
          className="number"
          placeholder="0"
          value={line.amount}
          error={form.error(`${field}.amount`)}
          onChange={(event) => onChange({ amount: event.target.value })}
        />
      </div>
      <Group legend={<Trans>Who had it</Trans>} error={form.error(`${field}.members`)}>
        <MemberChips form={form} chosen={line.memberIds} onChoose={(memberIds) => onChange({ memberIds })} />
      </Group>
      {form.state.lines.length > 1 && (
        <Button className="plain expense-form-remove" onClick={props.onRemove}>
          <Trans>Remove line {number}</Trans>
        </Button>
      )}
    </div>
  );
}
