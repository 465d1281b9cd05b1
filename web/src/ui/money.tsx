import type { ReactNode } from "react";
import { formatLocale } from "../i18n/locale.ts";
import { signOf } from "../money/amount.ts";
import { formatMoney, formatSigned } from "../money/format.ts";

/** An amount. signed: with its sign, and in the colour of what is owed to or by somebody. */
export function Money(props: {
  amount: string | undefined;
  currency: string | undefined;
  signed?: boolean;
}): ReactNode {
  const { amount = "0", currency = "XXX", signed = false } = props;
  const sign = signOf(amount);
  const colour = !signed || sign === 0 ? "" : sign > 0 ? "owed" : "owing";
  return (
    <span className={`number ${colour}`}>
      {(signed ? formatSigned : formatMoney)(amount, currency, formatLocale())}
    </span>
  );
}
