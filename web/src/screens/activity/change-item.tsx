import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { formatInstant } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { useFold } from "../../ui/fold.tsx";
import type { People } from "../event/people.ts";
import { expenseOf } from "./changes.ts";
import { TakeBack } from "./take-back.tsx";

/** One change: the sentence, when, and what was and what is. */
export function ChangeItem(props: {
  eventId: string;
  change: Schemas["Change"];
  unread: boolean;
  /** Whether it can be taken back: it is the last one of its expense, and the user may write. */
  last: boolean;
  people: People;
}): ReactNode {
  const { eventId, change, unread, last, people } = props;
  const { actorMemberId = "", createTime = "", summary = "" } = change;
  const expenseId = expenseOf(change);
  return (
    <li className={`activity-item ${unread ? "unread" : ""}`}>
      <Avatar member={people.members.get(actorMemberId)} />
      <div className="grow stack-close">
        <p>
          {expenseId ? (
            <Link href={`/events/${eventId}/expenses/${expenseId}`} className="activity-link">
              {summary}
            </Link>
          ) : (
            summary
          )}
        </p>
        <p className="soft small">
          {unread && (
            <strong className="activity-new">
              <Trans>New</Trans>
            </strong>
          )}
          <time dateTime={createTime} title={formatInstant(createTime, formatLocale())}>
            {timeOf(createTime)}
          </time>
        </p>
        <Differences differences={change.differences ?? []} />
        {last && <TakeBack eventId={eventId} change={change} />}
      </div>
    </li>
  );
}

function Differences({ differences }: { differences: readonly Schemas["FieldChange"][] }): ReactNode {
  const { t } = useLingui();
  const [shown, fold] = useFold(differences, 5);
  if (differences.length === 0) {
    return null;
  }
  return (
    <>
      <dl className="activity-differences small">
        {shown.map(({ path, memberId, label, oldValue, newValue }, index) => (
          <div key={`${path} ${memberId} ${index}`}>
            <dt className="soft">{label}</dt>
            <dd>
              <span className="visually-hidden">{t`was:`} </span>
              {oldValue ? <del>{oldValue}</del> : <span className="soft">{t`nothing`}</span>}
              <span aria-hidden="true" className="activity-arrow">
                →
              </span>
              <span className="visually-hidden"> {t`is:`} </span>
              {newValue ? <ins>{newValue}</ins> : <span className="soft">{t`nothing`}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {fold}
    </>
  );
}

/** The time of day; the day stands above. */
function timeOf(instant: string): string {
  return new Intl.DateTimeFormat(formatLocale(), { timeStyle: "short" }).format(new Date(instant));
}
