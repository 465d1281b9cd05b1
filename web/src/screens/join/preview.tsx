import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatInstant } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";

/** What the invitation is to. */
export function Preview({ preview }: { preview: Schemas["InvitationPreview"] }): ReactNode {
  const { i18n } = useLingui();
  const { inviterName, eventName, memberNames = [], memberCount = 0, expireTime } = preview;
  const locale = formatLocale(i18n.locale);
  const names = new Intl.ListFormat(locale, { type: "unit", style: "short" }).format(memberNames);
  const more = memberCount - memberNames.length;
  return (
    <section className="card stack-close">
      <h2 className="join-title">
        <Trans>
          {inviterName} invites you to {eventName}
        </Trans>
      </h2>
      <p>
        <Trans>With howmuch, friends share what they spend, and see who owes whom.</Trans>
      </p>
      <dl className="join-facts small">
        <dt>
          <Trans>Members</Trans>
        </dt>
        <dd>
          {names}
          {more > 0 && (
            <>
              {" "}
              <Plural value={more} one="and # more" other="and # more" />
            </>
          )}
        </dd>
        <dt>
          <Trans>You will</Trans>
        </dt>
        <dd>
          <Role role={preview.role} />
        </dd>
        {expireTime && (
          <>
            <dt>
              <Trans>Works until</Trans>
            </dt>
            <dd>{formatInstant(expireTime, locale)}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Role({ role }: { role: Schemas["Role"] | undefined }): ReactNode {
  switch (role) {
    case "ROLE_VIEWER":
      return <Trans>see all expenses and who owes whom</Trans>;
    case "ROLE_OWNER":
      return <Trans>see who owes whom, and change expenses, members and the event</Trans>;
    default:
      return <Trans>see who owes whom, and add and change expenses</Trans>;
  }
}
