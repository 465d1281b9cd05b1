import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { formatAgo } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { absolute, signOf } from "../../money/amount.ts";
import { Money } from "../../ui/money.tsx";

/** One event: its name, what the user owes or is owed in it, and what happened last. */
export function EventRow({
  mine,
  changes,
}: {
  mine: Schemas["MyEvent"];
  changes: readonly Schemas["MyChange"][];
}): ReactNode {
  const { i18n } = useLingui();
  const { event, balances = [], lastChange } = mine;
  const sentence = sentenceOf(lastChange, changes);
  const ago = lastChange?.createTime ? formatAgo(lastChange.createTime, formatLocale(i18n.locale)) : "";
  const unread = Number(mine.unreadCount ?? "0");
  return (
    <li>
      <Link href={`/events/${event?.id ?? ""}`} className="card home-event">
        <div className="grow">
          <h2 className="home-event-name home-clamped">{event?.name}</h2>
          {sentence && <p className="soft small home-clamped">{sentence}</p>}
          <p className="row small soft">
            {unread > 0 && (
              <span className="home-unread">
                <Plural value={unread} one="# new" other="# new" />
              </span>
            )}
            {ago && (sentence ? ago : <Trans>Last change: {ago}</Trans>)}
          </p>
        </div>
        <ul className="home-balances">
          {balances.length === 0 && (
            <li className="soft small">
              <Trans>settled</Trans>
            </li>
          )}
          {balances.map(({ currencyCode, net = "0" }) => (
            <li key={currencyCode}>
              <span className="soft small">
                {signOf(net) > 0 ? <Trans>you are owed</Trans> : <Trans>you owe</Trans>}
              </span>{" "}
              <strong className={signOf(net) > 0 ? "owed" : "owing"}>
                <Money amount={absolute(net)} currency={currencyCode} />
              </strong>
            </li>
          ))}
        </ul>
      </Link>
    </li>
  );
}

/** The sentence of a change, if it is among the last ones of all events; else it is empty. */
function sentenceOf(wanted: Schemas["Change"] | undefined, changes: readonly Schemas["MyChange"][]): string {
  const found = changes.find(
    ({ change }) => change?.eventId === wanted?.eventId && change?.revision === wanted?.revision,
  );
  return found?.change?.summary ?? "";
}
