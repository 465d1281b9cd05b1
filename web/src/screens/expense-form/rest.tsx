import { Trans } from "@lingui/react/macro";
import { useEffect, useState, type ReactNode } from "react";
import { toApi } from "../../money/amount.ts";
import { Button } from "../../ui/button.tsx";
import { formatLocale } from "../../i18n/locale.ts";
import { formatMoney } from "../../money/format.ts";

// A screen reader says the rest once somebody stops typing.
const PAUSE_MS = 1200;

/** A number of minor units as people read it. */
export function moneyText(units: bigint, digits: number, currency: string): string {
  return formatMoney(toApi(units, digits), currency, formatLocale());
}

/**
 * What is still to be given, or is too much.
 *
 * @param text of a number of units that is not negative
 */
export function Rest(props: {
  units: bigint;
  of?: "parts" | "payments";
  text: (units: bigint) => string;
  onGive?: () => void;
}): ReactNode {
  const { units, of = "parts" } = props;
  const shown = props.text(units < 0n ? -units : units);
  const said = useAfterPause(units);
  const spoken = props.text(said < 0n ? -said : said);
  return (
    <div className={`expense-form-rest ${units === 0n ? "owed" : "owing"}`}>
      <span aria-hidden="true">
        <Sentence units={units} shown={shown} of={of} />
      </span>
      <span role="status" className="visually-hidden">
        <Sentence units={said} shown={spoken} of={of} />
      </span>
      {units > 0n && props.onGive && (
        <Button onClick={props.onGive}>
          <Trans>Split the rest</Trans>
        </Button>
      )}
    </div>
  );
}

function Sentence(props: { units: bigint; shown: string; of: "parts" | "payments" }): ReactNode {
  const { units, shown } = props;
  if (units === 0n) {
    return <Trans>✓ It adds up</Trans>;
  }
  if (units < 0n) {
    return <Trans>{shown} too much</Trans>;
  }
  return props.of === "payments" ? <Trans>{shown} not paid yet</Trans> : <Trans>{shown} left to split</Trans>;
}

function useAfterPause(value: bigint): bigint {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
