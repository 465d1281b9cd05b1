import { Trans, useLingui } from "@lingui/react/macro";
import type { KeyboardEvent, ReactNode } from "react";
import { formatLocale } from "../../i18n/locale.ts";
import { Select, TextField } from "../../ui/field.tsx";
import { hasThousands } from "./model/figures.ts";
import { moneyText } from "./rest.tsx";
import type { Form } from "./use-form.ts";

// A longer one is written smaller, so that all of it is seen.
const LONG = 9;

/** The amount, big, with its currency. recent: codes that the event used, the last one first. */
export function AmountField({ form, recent }: { form: Form; recent: readonly string[] }): ReactNode {
  const { t } = useLingui();
  const { state, change } = form;
  const long = state.amount.length > LONG;
  const units = form.figures.amount;
  const zero = new Intl.NumberFormat(formatLocale(), { minimumFractionDigits: form.digits }).format(0n);
  const read = units !== undefined && hasThousands(state.amount, units, form.digits);
  return (
    <div className="expense-form-amount">
      <TextField
        label={<Trans>Amount</Trans>}
        className={`expense-form-big number ${long ? "expense-form-long" : ""}`}
        inputMode="decimal"
        enterKeyHint="next"
        autoComplete="off"
        placeholder={zero}
        maxLength={30}
        value={state.amount}
        error={form.error("amount")}
        hint={read ? moneyText(units, form.digits, state.currency) : undefined}
        onChange={(event) => change({ amount: event.target.value })}
        onKeyDown={goOn}
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

/** The Enter key leads to what it was for, while that is empty. Then it saves. */
function goOn(event: KeyboardEvent<HTMLInputElement>): void {
  const reason = event.currentTarget.form?.elements.namedItem("reason");
  if (event.key === "Enter" && reason instanceof HTMLInputElement && !reason.value) {
    event.preventDefault();
    reason.focus();
  }
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
