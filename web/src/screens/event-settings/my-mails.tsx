import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { api, body, type Schemas } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { useEventWrite } from "../../state/write.ts";
import { Problem } from "../../ui/message.tsx";
import { Switch } from "../../ui/switch.tsx";

/** Which mails of this event the user gets. It works in an archived event too. */
export function MyMails(props: { event: Schemas["Event"]; member: Schemas["Member"] }): ReactNode {
  const { t } = useLingui();
  const { user } = useSession();
  const { member } = props;
  const path = { eventId: props.event.id ?? "", memberId: member.id ?? "" };
  const change = useEventWrite(path.eventId, async (changed: Schemas["UpdateMemberBody"]) => {
    const params = { path, query: { updateMask: Object.keys(changed).join(",") } };
    return body(await api.PATCH("/v1/events/{eventId}/members/{memberId}", { params, body: changed }));
  });
  // Shows at once what was chosen, and what is so again if that failed.
  const { muted = false, mailOnlyMine = false } = { ...member, ...(change.isPending && change.variables) };
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Mails to you</Trans>
      </h2>
      <Switch
        label={t`No mails about this event`}
        on={muted}
        busy={change.isPending}
        onChange={(on) => change.mutate({ muted: on })}
      />
      {!muted && (
        <Switch
          label={t`Only about expenses that you have a part in`}
          on={mailOnlyMine}
          busy={change.isPending}
          onChange={(on) => change.mutate({ mailOnlyMine: on })}
        />
      )}
      {user?.mailMode === "MAIL_MODE_OFF" && (
        <p className="soft small">
          <Trans>
            You get no mails of any event now. <Link href="/settings">Change that in your settings.</Link>
          </Trans>
        </p>
      )}
      {change.error && <Problem error={change.error} />}
    </section>
  );
}
