import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { signOf } from "../../money/amount.ts";
import { Money } from "../../ui/money.tsx";

type Balance = Schemas["MyCurrencyBalance"];

/**
 * What the user is owed and owes over all events, in each currency. Nothing if they share no expense yet. own: the
 * currency that comes first.
 */
export function MyTotal({ balances, own }: { balances: readonly Balance[]; own: string }): ReactNode {
  if (balances.length === 0) {
    return null;
  }
  const ordered = [
    ...balances.filter(({ currencyCode }) => currencyCode === own),
    ...balances.filter(({ currencyCode }) => currencyCode !== own),
  ];
  const owed = ordered.filter(({ owedToMe }) => signOf(owedToMe) > 0);
  const owing = ordered.filter(({ owedByMe }) => signOf(owedByMe) > 0);
  if (owed.length === 0 && owing.length === 0) {
    return (
      <p className="home-total huge">
        <Trans>All settled</Trans>
      </p>
    );
  }
  return (
    <div className="home-total">
      {owed.length > 0 && (
        <div>
          <p className="soft">
            <Trans>You are owed</Trans>
          </p>
          <p className="home-amounts">
            {owed.map(({ currencyCode, owedToMe }) => (
              <span key={currencyCode} className="huge owed">
                <Money amount={owedToMe} currency={currencyCode} />
              </span>
            ))}
          </p>
        </div>
      )}
      {owing.length > 0 && (
        <div>
          <p className="soft">
            <Trans>You owe</Trans>
          </p>
          <p className="home-amounts">
            {owing.map(({ currencyCode, owedByMe }) => (
              <span key={currencyCode} className="huge owing">
                <Money amount={owedByMe} currency={currencyCode} />
              </span>
            ))}
          </p>
        </div>
      )}
    </div>
  );
}
