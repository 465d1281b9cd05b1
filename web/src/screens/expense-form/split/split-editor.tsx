import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Select } from "../../../ui/field.tsx";
import { Group } from "../group.tsx";
import { MODES, newLine, type FormState, type Mode } from "../model/form-state.ts";
import { usualWeight } from "../model/usual-split.ts";
import type { Form } from "../use-form.ts";
import { Adjusted } from "./adjusted.tsx";
import { Bill } from "./bill.tsx";
import { Exact } from "./exact.tsx";
import { Percent } from "./percent.tsx";
import { Weights } from "./weights.tsx";

/** How the cost is divided: the choice, and the numbers of the chosen way. */
export function SplitEditor({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const modeName = useModeName();
  const { state, change } = form;
  return (
    <div className="stack-close">
      <Select
        label={t`How to split it`}
        value={state.mode}
        onChange={(event) => change(begin(event.target.value as Mode, form))}
      >
        {MODES.map((mode) => (
          <option key={mode} value={mode}>
            {modeName(mode)}
          </option>
        ))}
      </Select>
      {state.mode !== "equal" && (
        <Group
          legend={state.mode === "itemized" ? <Trans>The bill</Trans> : <Trans>Everybody's part</Trans>}
          error={form.error("split")}
        >
          <Editor form={form} />
        </Group>
      )}
    </div>
  );
}

export function useModeName(): (mode: Mode) => string {
  const { t } = useLingui();
  return (mode) =>
    ({
      equal: t`Equally`,
      weights: t`By shares`,
      percent: t`By percent`,
      exact: t`Exact amounts`,
      adjusted: t`Equally, some pay more or less`,
      itemized: t`By the lines of the bill`,
    })[mode];
}

function Editor({ form }: { form: Form }): ReactNode {
  switch (form.state.mode) {
    case "equal":
      return null;
    case "weights":
      return <Weights form={form} />;
    case "percent":
      return <Percent form={form} />;
    case "exact":
      return <Exact form={form} />;
    case "adjusted":
      return <Adjusted form={form} />;
    case "itemized":
      return <Bill form={form} />;
  }
}

/** A way of splitting begins with the usual shares, or with an empty line of a bill. */
function begin(mode: Mode, form: Form): Partial<FormState> {
  const { state, members } = form;
  if (mode === "itemized" && !state.lines.length) {
    return { mode, lines: [newLine(state.memberIds)] };
  }
  if (mode === "weights") {
    const usual = Object.fromEntries(members.map((member) => [member.id ?? "", usualWeight(member)]));
    return { mode, parts: { ...state.parts, weights: { ...usual, ...state.parts.weights } } };
  }
  return { mode };
}
