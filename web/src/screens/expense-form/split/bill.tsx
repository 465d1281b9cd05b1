import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { toApi } from "../../../money/amount.ts";
import { itemsTotal } from "../../../money/split.ts";
import { Button } from "../../../ui/button.tsx";
import { TextField } from "../../../ui/field.tsx";
import { partText } from "../beneficiaries.tsx";
import { newLine, type Line } from "../model/form-state.ts";
import { moneyText, Rest } from "../rest.tsx";
import type { Form } from "../use-form.ts";
import { BillLine } from "./bill-line.tsx";

const MOST_LINES = 200;

/** Lines of a bill, each for some people. Tax and tip follow the lines. */
export function Bill({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const { state, change } = form;
  const setLine = (key: string, values: Partial<Line>): void =>
    change({ lines: state.lines.map((line) => (line.key === key ? { ...line, ...values } : line)) });
  return (
    <>
      {state.lines.map((line, index) => (
        <BillLine
          key={line.key}
          form={form}
          line={line}
          number={index + 1}
          onChange={(values) => setLine(line.key, values)}
          onRemove={() => change({ lines: state.lines.filter((each) => each.key !== line.key) })}
        />
      ))}
      {state.lines.length < MOST_LINES && (
        <Button
          onClick={() =>
            change({ lines: [...state.lines, newLine(state.lines.at(-1)?.memberIds ?? state.memberIds)] })
          }
        >
          <Trans>Add a line</Trans>
        </Button>
      )}
      <div className="expense-form-pair">
        {(["tax", "tip"] as const).map((field) => (
          <TextField
            key={field}
            label={field === "tax" ? t`Tax` : t`Tip`}
            inputMode="decimal"
            autoComplete="off"
            maxLength={30}
            className="number"
            placeholder="0"
            value={state[field]}
            error={form.error(field)}
            onChange={(event) => change({ [field]: event.target.value })}
          />
        ))}
      </div>
      <Sum form={form} />
      <Result form={form} />
    </>
  );
}

/** Whether the lines come to the amount, and a way to take their sum as it. */
function Sum({ form }: { form: Form }): ReactNode {
  const { figures, digits, state, change } = form;
  const { split } = figures;
  const whole = split.mode === "itemized" ? itemsTotal(split) : 0n;
  const shown = moneyText(whole, digits, state.currency);
  return (
    <>
      {figures.amount !== undefined && (
        <Rest units={figures.ungiven} text={(units) => moneyText(units, digits, state.currency)} />
      )}
      {whole > 0n && whole !== figures.amount && (
        <Button onClick={() => change({ amount: toApi(whole, digits) })}>
          <Trans>Take {shown} as the amount</Trans>
        </Button>
      )}
    </>
  );
}

function Result({ form }: { form: Form }): ReactNode {
  const { owed } = form.figures;
  return (
    owed && (
      <ul className="expense-form-result">
        {[...owed.keys()].map((id) => (
          <li key={id} className="spread">
            <span className="grow expense-form-clip">{form.name(id)}</span>
            <span className="number">{partText(form, id)}</span>
          </li>
        ))}
      </ul>
    )
  );
}
