import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Select } from "../../ui/field.tsx";
import { Group } from "./group.tsx";
import { AllOrNone, MemberChips } from "./member-chips.tsx";
import { isTransfer } from "./model/form-state.ts";
import { MemberOptions } from "./payers.tsx";
import { moneyText } from "./rest.tsx";
import type { Form } from "./use-form.ts";

/** For whom it is, and what an equal part comes to. */
export function Beneficiaries({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const { state, change } = form;
  if (isTransfer(state)) {
    return (
      <Select
        label={t`To whom`}
        value={state.receiverId}
        error={form.error("receiver")}
        onChange={(event) => change({ receiverId: event.target.value })}
      >
        <option value="">{t`Choose…`}</option>
        <MemberOptions form={form} />
      </Select>
    );
  }
  if (state.mode === "itemized") {
    return null;
  }
  const choose = (memberIds: readonly string[]): void => change({ memberIds });
  return (
    <Group
      legend={t`For whom`}
      error={form.error("members")}
      actions={<AllOrNone form={form} onChoose={choose} />}
    >
      <MemberChips form={form} chosen={state.memberIds} onChoose={choose} />
      {state.mode === "equal" && <EqualPart form={form} />}
    </Group>
  );
}

/** Equal parts differ by the smallest coin at most, where the amount cannot be divided. */
function EqualPart({ form }: { form: Form }): ReactNode {
  const parts = [...(form.figures.owed?.values() ?? [])].sort((a, b) => (a < b ? -1 : 1));
  const [least, most] = [parts[0], parts.at(-1)];
  if (least === undefined || most === undefined) {
    return null;
  }
  const text = (units: bigint): string => moneyText(units, form.digits, form.state.currency);
  const [from, to] = [text(least), text(most)];
  return (
    <p className="soft small number">
      {least === most ? (
        <Trans>{from} each</Trans>
      ) : (
        <Trans>
          {from} or {to} each
        </Trans>
      )}
    </p>
  );
}

/** What a member's part comes to; undefined until the split is whole. */
export function partText(form: Form, memberId: string): string | undefined {
  const units = form.figures.owed?.get(memberId);
  return units === undefined ? undefined : moneyText(units, form.digits, form.state.currency);
}
