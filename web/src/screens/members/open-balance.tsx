import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { absolute, signOf } from "../../money/amount.ts";
import { Money } from "../../ui/money.tsx";
import type { Open } from "./open-balances.ts";

/** What somebody owes or is owed, in words. name: absent if it is the reader. */
export function OpenBalance({ name, open }: { name?: string; open: readonly Open[] }): ReactNode {
  return (
    <ul>
      {open.map(({ currency, net }) => {
        const amount = <Money amount={absolute(net)} currency={currency} />;
        const owes = signOf(net) < 0;
        return (
          <li key={currency}>
            {name === undefined && owes && <Trans>You owe {amount}.</Trans>}
            {name === undefined && !owes && <Trans>You are owed {amount}.</Trans>}
            {name !== undefined && owes && (
              <Trans>
                {name} owes {amount}.
              </Trans>
            )}
            {name !== undefined && !owes && (
              <Trans>
                {name} is owed {amount}.
              </Trans>
            )}
          </li>
        );
      })}
    </ul>
  );
}
