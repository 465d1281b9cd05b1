import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { TextField } from "../../ui/field.tsx";
import { isTransfer } from "./model/form-state.ts";
import { folded, matching, Suggestions } from "./suggestions.tsx";
import type { Form } from "./use-form.ts";

const MOST = 4;

/** What it was for. A reason of before brings its category along. */
export function ReasonField(props: { form: Form; recent: Schemas["RecentlyUsed"] | undefined }): ReactNode {
  const { t } = useLingui();
  const { state, change, error } = props.form;
  const reasons = isTransfer(state) ? [] : (props.recent?.reasons ?? []);
  const write = (reason: string, taken = false): void => {
    const known = reasons.find((each) => folded(each.reason ?? "") === folded(reason))?.category;
    change({ reason, ...(known && (taken || !state.category) && { category: known }) });
  };
  const values = matching(
    reasons.map((each) => each.reason ?? ""),
    state.reason,
    MOST,
  );
  return (
    <div className="stack-close">
      <TextField
        label={isTransfer(state) ? <Trans>What for (optional)</Trans> : <Trans>What for</Trans>}
        placeholder={isTransfer(state) ? t`Payment` : t`Dinner`}
        name="reason"
        autoComplete="off"
        autoCapitalize="sentences"
        enterKeyHint="done"
        value={state.reason}
        error={error("reason")}
        onChange={(event) => write(event.target.value)}
      />
      <Suggestions label={t`What it was before`} values={values} onTake={(value) => write(value, true)} />
    </div>
  );
}
