import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { formatInstant } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { byId, invitationsQuery } from "../../state/queries.ts";
import { useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm, DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useFold } from "../../ui/fold.tsx";
import { Problem } from "../../ui/message.tsx";
import { InvitationLink } from "./invitation-link.tsx";
import { RoleName } from "./roles.tsx";

interface InEvent {
  event: Schemas["Event"];
  members: readonly Schemas["Member"][];
}

/** The invitations by which somebody can still join. Nothing if there are none. */
export function OpenInvitations({ event, members }: InEvent): ReactNode {
  const { data = [], error, refetch } = useQuery(invitationsQuery(event.id ?? ""));
  const [shown, fold] = useFold(data, 10);
  if (error && data.length === 0) {
    return <Problem error={error} retry={() => void refetch()} />;
  }
  if (data.length === 0) {
    return null;
  }
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Open invitations</Trans>
      </h2>
      <ul className="members-list">
        {shown.map((invitation) => (
          <InvitationRow key={invitation.id} event={event} members={members} invitation={invitation} />
        ))}
      </ul>
      {fold}
    </section>
  );
}

function InvitationRow({
  event,
  members,
  invitation,
}: InEvent & { invitation: Schemas["Invitation"] }): ReactNode {
  const { t } = useLingui();
  const [open, setOpen] = useState<"" | "link" | "revoke">("");
  const guest = byId(members).get(invitation.memberId ?? "")?.name;
  const whom = guest ?? invitation.email ?? "";
  const until = formatInstant(invitation.expireTime ?? "", formatLocale());
  return (
    <li className="members-row">
      <div className="grow">
        <div>
          <strong>{whom || <Trans>Anybody with the link</Trans>}</strong>
          {guest && invitation.email && <span className="soft"> · {invitation.email}</span>}
        </div>
        <div className="soft small">
          <RoleName role={invitation.role} /> · <Uses invitation={invitation} /> ·{" "}
          <Trans>until {until}</Trans>
        </div>
      </div>
      <div className="members-actions">
        <Button className="plain" onClick={() => setOpen("link")}>
          <Trans>Show the link</Trans>
        </Button>
        <Button className="plain" onClick={() => setOpen("revoke")}>
          <Trans>Revoke</Trans>
        </Button>
      </div>
      {open === "link" && (
        <Dialog title={whom ? t`Invitation for ${whom}` : t`Invitation`} onClose={() => setOpen("")}>
          <InvitationLink event={event} invitation={invitation} />
          <DialogButtons onClose={() => setOpen("")} />
        </Dialog>
      )}
      {open === "revoke" && <Revoke event={event} invitation={invitation} onClose={() => setOpen("")} />}
    </li>
  );
}

function Uses({ invitation }: { invitation: Schemas["Invitation"] }): ReactNode {
  const { maxUses = 1, useCount = 0 } = invitation;
  const left = maxUses - useCount;
  return <Plural value={left} one="for # more person" other="for # more people" />;
}

function Revoke(props: {
  event: Schemas["Event"];
  invitation: Schemas["Invitation"];
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const path = { eventId: props.event.id ?? "", invitationId: props.invitation.id ?? "" };
  const revoking = useEventWrite(path.eventId, async () =>
    body(await api.DELETE("/v1/events/{eventId}/invitations/{invitationId}", { params: { path } })),
  );
  return (
    <Confirm
      title={t`Revoke the invitation?`}
      action={<Trans>Revoke</Trans>}
      run={() => revoking.mutateAsync()}
      onClose={props.onClose}
    >
      <p>
        <Trans>Its link stops working at once. Who has joined by it stays.</Trans>
      </p>
    </Confirm>
  );
}
