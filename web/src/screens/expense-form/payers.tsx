import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Select } from "../../ui/field.tsx";
import { Group } from "./group.tsx";
import { MemberChips } from "./member-chips.tsx";
import { MemberRow } from "./member-row.tsx";
import { giveRest } from "./model/figures.ts";
import { isTransfer } from "./model/form-state.ts";
import { moneyText, Rest } from "./rest.tsx";
import type { Form } from "./use-form.ts";

const SEVERAL = "several";

/** Who paid, or for an income, who got the money. Several have an amount each. */
export function Payers({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const { state, change } = form;
  const [several, setSeveral] = useState(state.payerIds.length > 1);
  const label = state.kind === "EXPENSE_KIND_INCOME" ? t`Who got it` : t`Who paid`;
  if (several && !isTransfer(state)) {
    return <SeveralPayers form={form} label={label} onSingle={() => setSeveral(false)} />;
  }
  return (
    <Select
      label={label}
      value={state.payerIds[0] ?? ""}
      error={form.error("payers")}
      onChange={(event) => {
        const chosen = event.target.value;
        setSeveral(chosen === SEVERAL);
        if (chosen !== SEVERAL) {
          change({ payerIds: chosen ? [chosen] : [] });
        }
      }}
    >
      {!state.payerIds.length && <option value="">{t`Choose…`}</option>}
      <MemberOptions form={form} />
      {!isTransfer(state) && form.selectable.length > 1 && (
        <option value={SEVERAL}>{t`Several people…`}</option>
      )}
    </Select>
  );
}

/** The members as options, the user first. */
export function MemberOptions({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const { name } = form;
  const own = form.event.memberId;
  const members = [...form.selectable].sort((a, b) => Number(b.id === own) - Number(a.id === own));
  return members.map((member) => (
    <option key={member.id} value={member.id}>
      {member.id === own ? t`${name(member.id ?? "")} (you)` : name(member.id ?? "")}
    </option>
  ));
}

function SeveralPayers(props: { form: Form; label: string; onSingle: () => void }): ReactNode {
  const { form } = props;
  const { state, change, digits, figures } = form;
  const more = state.payerIds.length > 1;
  return (
    <Group
      legend={props.label}
      error={form.error("payers")}
      actions={
        <button
          type="button"
          className="button plain"
          onClick={() => {
            change({ payerIds: state.payerIds.slice(0, 1) });
            props.onSingle();
          }}
        >
          <Trans>Only one</Trans>
        </button>
      }
    >
      <MemberChips form={form} chosen={state.payerIds} onChoose={(payerIds) => change({ payerIds })} />
      {more &&
        state.payerIds.map((id) => (
          <MemberRow
            key={id}
            form={form}
            memberId={id}
            unit={state.currency}
            value={state.paid[id] ?? ""}
            error={form.error(`paid.${id}`)}
            onType={(typed) => change({ paid: { ...state.paid, [id]: typed } })}
          />
        ))}
      {more && figures.amount !== undefined && (
        <Rest
          units={figures.unpaid}
          of="payments"
          text={(units) => moneyText(units, digits, state.currency)}
          onGive={() => change({ paid: giveRest(state.payerIds, state.paid, figures.unpaid, digits) })}
        />
      )}
    </Group>
  );
}
