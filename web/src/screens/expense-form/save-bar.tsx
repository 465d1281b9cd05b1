import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { effects } from "../../money/split.ts";
import { BottomBar } from "../../ui/bottom-bar.tsx";
import { Button } from "../../ui/button.tsx";
import { isTransfer } from "./model/form-state.ts";
import { moneyText } from "./rest.tsx";
import type { Form } from "./use-form.ts";

/** The button within reach of the thumb, and what the expense means for the user. missing: why it was not saved. */
export function SaveBar(props: { form: Form; missing: string | undefined; busy: boolean }): ReactNode {
  return (
    <BottomBar>
      <p className="grow small">
        {props.missing !== undefined ? (
          <span className="field-error">{props.missing}</span>
        ) : (
          <Effect form={props.form} />
        )}
      </p>
      <Button type="submit" className="primary expense-form-save" busy={props.busy}>
        {props.busy ? <Trans>Saving…</Trans> : <Trans>Save</Trans>}
      </Button>
    </BottomBar>
  );
}

function Effect({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const { figures, state, digits, event } = form;
  // A payment says itself who gives what to whom.
  if (isTransfer(state) || !figures.owed || !event.memberId || figures.unpaid !== 0n) {
    return null;
  }
  const income = state.kind === "EXPENSE_KIND_INCOME";
  const units = effects(figures.paid, figures.owed, income).get(event.memberId) ?? 0n;
  const shown = moneyText(units < 0n ? -units : units, digits, state.currency);
  if (units === 0n) {
    return <span className="soft">{t`Nothing changes for you.`}</span>;
  }
  return units > 0n ? (
    <span className="owed">{t`You are owed ${shown} for it.`}</span>
  ) : (
    <span className="owing">{t`You owe ${shown} for it.`}</span>
  );
}
