import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { formatShortDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { Message } from "../../ui/message.tsx";
import { rightsOf } from "./rights.ts";

/** Why nothing can be added: the event is deleted or archived, or the user may only read. */
export function EventNotices({ event }: { event: Schemas["Event"] }): ReactNode {
  const { own, write, readOnly } = rightsOf(event);
  const settings = `/events/${event.id ?? ""}/settings`;
  if (event.deleteTime) {
    return (
      <Message kind="note">
        <Gone event={event} />{" "}
        {own && (
          <Link href={settings}>
            <Trans>Restore it in the settings</Trans>
          </Link>
        )}
      </Message>
    );
  }
  if (readOnly) {
    return (
      <Message kind="note">
        <Trans>This event is archived: everybody can read it, and nothing changes.</Trans>{" "}
        {own && (
          <Link href={settings}>
            <Trans>Open it again in the settings</Trans>
          </Link>
        )}
      </Message>
    );
  }
  if (!write) {
    return (
      <p className="small soft">
        <Trans>You can read and comment here. An owner can let you add expenses.</Trans>
      </p>
    );
  }
  return null;
}

function Gone({ event }: { event: Schemas["Event"] }): ReactNode {
  const day = event.purgeTime?.slice(0, 10);
  const until = day && formatShortDay(day, formatLocale());
  return until ? (
    <Trans>This event was deleted. It is removed for good on {until}.</Trans>
  ) : (
    <Trans>This event was deleted.</Trans>
  );
}

/** That what is shown may be old. */
export function OfflineNotice(): ReactNode {
  return (
    <Message>
      <span className="small">
        <Trans>howmuch does not answer now. You see what it said last; what you add is sent later.</Trans>
      </span>
    </Message>
  );
}
