import "./bar.css";
import type { ReactNode } from "react";
import { signOf } from "../money/amount.ts";
import { percentOf } from "../money/ratio.ts";

interface Amounts {
  /** As the API writes it. */
  amount: string | undefined;
  /** The amount whose bar is as long as there is room. */
  most: string;
}

/**
 * A bar from the start of the line. The amount stands beside it, so it says nothing to a screen reader. tone: `soft`
 * for the second bar of a pair.
 */
export function Bar({ amount, most, tone = "" }: Amounts & { tone?: "soft" | "" }): ReactNode {
  return (
    <span aria-hidden="true" className="bar">
      <Fill amount={amount} most={most} tone={signOf(amount) < 0 ? "owing" : tone} />
    </span>
  );
}

/** A bar from the middle: towards the end for what somebody is owed, towards the start for what they owe. */
export function BalanceBar({ amount, most }: Amounts): ReactNode {
  const sign = signOf(amount);
  return (
    <span aria-hidden="true" className="bar bar-balance">
      <span className="bar-half">{sign < 0 && <Fill amount={amount} most={most} tone="owing" />}</span>
      <span className="bar-half">{sign > 0 && <Fill amount={amount} most={most} tone="" />}</span>
    </span>
  );
}

function Fill({ amount, most, tone }: Amounts & { tone: string }): ReactNode {
  if (signOf(amount) === 0) {
    return null;
  }
  return <span className={`bar-fill ${tone}`} style={{ inlineSize: percentOf(amount, most) }} />;
}
