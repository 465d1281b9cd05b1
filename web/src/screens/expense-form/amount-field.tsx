import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Select, TextField } from "../../ui/field.tsx";
import type { Form } from "./use-form.ts";

/** The amount, big, with its currency. recent: codes that the event used, the last one first. */
export function AmountField({ form, recent }: { form: Form; recent: readonly string[] }): ReactNode {
  const { t } = useLingui();
  const { state, change } = form;
  return (
    <div className="expense-form-amount">
      <TextField
        label={<Trans>Amount</Trans>}
        className="expense-form-big number"
        inputMode="decimal"
        enterKeyHint="next"
        autoComplete="off"
        placeholder={form.digits === 0 ? "0" : `0.${"0".repeat(form.digits)}`}
        maxLength={30}
        value={state.amount}
        error={form.error("amount")}
        onChange={(event) => change({ amount: event.target.value })}
      />
      <Select
        label={<Trans>Currency</Trans>}
        value={state.currency}
        error={form.error("currency")}
        onChange={(event) => change({ currency: event.target.value })}
      >
        <CurrencyOptions form={form} recent={recent} here={t`Used here`} all={t`All currencies`} />
      </Select>
    </div>
  );
}

function CurrencyOptions(props: {
  form: Form;
  recent: readonly string[];
  here: string;
  all: string;
}): ReactNode {
  const { event, state, currencies } = props.form;
  const first = [...new Set([state.currency, event.currencyCode ?? "", ...props.recent])].filter(Boolean);
  return (
    <>
      <optgroup label={props.here}>
        {first.map((code) => (
          <option key={code} value={code}>
            {code}
          </option>
        ))}
      </optgroup>
      <optgroup label={props.all}>
        {currencies
          .filter((currency) => !first.includes(currency.code ?? ""))
          .map((currency) => (
            <option key={currency.code} value={currency.code}>
              {currency.code} · {currency.name}
            </option>
          ))}
      </optgroup>
    </>
  );
}
