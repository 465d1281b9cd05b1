import { Plural, Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { formatLocale } from "../../i18n/locale.ts";
import { signOf } from "../../money/amount.ts";
import { formatDecimal, formatPercent, formatSigned } from "../../money/format.ts";
import { Money } from "../../ui/money.tsx";
import type { Why } from "./why.ts";

/** Why a member has this part, in words. */
export function WhyWords({ why, currency }: { why: Why; currency: string }): ReactNode {
  switch (why.by) {
    case "equal":
      return <Equal count={why.count} />;
    case "weights": {
      const weight = formatDecimal(why.weight, formatLocale());
      const total = formatDecimal(why.total, formatLocale());
      return (
        <Trans>
          {weight} of {total} shares
        </Trans>
      );
    }
    case "percent":
      return formatPercent(why.percent, formatLocale());
    case "exact":
      return <Trans>exact amount</Trans>;
    case "adjusted": {
      const adjustment = formatSigned(why.adjustment, currency, formatLocale());
      return signOf(why.adjustment) === 0 ? (
        <Equal count={why.count} />
      ) : (
        <Trans>an equal part, {adjustment}</Trans>
      );
    }
    case "items":
      return <Items why={why} currency={currency} />;
  }
}

function Equal({ count }: { count: number }): ReactNode {
  return <Plural value={count} one="all of it" other="1 of # equal parts" />;
}

function Items({ why, currency }: { why: Extract<Why, { by: "items" }>; currency: string }): ReactNode {
  return (
    <>
      {why.items.map((item, index) => (
        <span key={index} className="expense-line">
          {item.name || <Trans>A line of the bill</Trans>} <Money amount={item.amount} currency={currency} />
          {item.memberIds.length > 1 && (
            <>
              {", "}
              <Equal count={item.memberIds.length} />
            </>
          )}
        </span>
      ))}
      {why.extras && (
        <span className="expense-line">
          <Trans>and a part of tax and tip</Trans>
        </span>
      )}
    </>
  );
}
