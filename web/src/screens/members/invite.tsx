import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { faultOf, isAtFields, useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { InvitationLink } from "./invitation-link.tsx";
import { NotVerified } from "./not-verified.tsx";
import { rolesBelow } from "./rights.ts";
import { RoleField } from "./roles.tsx";

const FIELDS = ["email", "maxUses", "role", "memberId"];
const USES = [1, 5, 20, 100];

/** Makes an invitation, then shows its link. guest: the one that the invited person takes over. */
export function Invite(props: {
  event: Schemas["Event"];
  members: readonly Schemas["Member"][];
  guest?: Schemas["Member"];
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const { event, guest, onClose } = props;
  const eventId = event.id ?? "";
  const inviting = useEventWrite(eventId, async (given: Schemas["CreateInvitationBody"]) => {
    const params = { path: { eventId } };
    return body(await api.POST("/v1/events/{eventId}/invitations", { params, body: given }));
  });
  const name = guest?.name ?? event.name;
  return (
    <Dialog title={guest ? t`Invite ${name}` : t`Invite to ${name}`} onClose={onClose}>
      {inviting.data ? (
        <>
          <MailWords invitation={inviting.data} />
          <InvitationLink event={event} invitation={inviting.data} />
          <DialogButtons onClose={onClose} />
        </>
      ) : (
        <InviteForm {...props} inviting={inviting} />
      )}
    </Dialog>
  );
}

function InviteForm(props: {
  event: Schemas["Event"];
  members: readonly Schemas["Member"][];
  guest?: Schemas["Member"];
  inviting: ReturnType<typeof useEventWrite<Schemas["Invitation"], Schemas["CreateInvitationBody"]>>;
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const { event, members, guest, inviting, onClose } = props;
  const roles = rolesBelow(event.role);
  const guests = members.filter((member) => !member.userId && member.state !== "MEMBER_STATE_INACTIVE");
  const [form, setForm] = useState({
    memberId: guest?.id ?? "",
    email: "",
    maxUses: "1",
    role: roles[0] ?? "ROLE_EDITOR",
  });
  return (
    <form
      className="stack"
      onSubmit={(submit) => {
        submit.preventDefault();
        if (!inviting.isPending) {
          inviting.mutate(requestOf(form));
        }
      }}
    >
      {!guest && guests.length > 0 && (
        <Select
          label={t`For whom?`}
          hint={form.memberId ? undefined : t`They say who they are, or come in as somebody new.`}
          value={form.memberId}
          error={faultOf(inviting.error, "memberId")}
          onChange={(change) => setForm({ ...form, memberId: change.target.value })}
        >
          <option value="">{t`Anybody`}</option>
          {guests.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Select>
      )}
      {!form.memberId && (
        <Select
          label={t`How many people may use the link?`}
          value={form.maxUses}
          error={faultOf(inviting.error, "maxUses")}
          onChange={(change) => setForm({ ...form, maxUses: change.target.value })}
        >
          {USES.map((count) => (
            <option key={count} value={count}>
              {count === 1 ? t`One` : t`Up to ${count}`}
            </option>
          ))}
        </Select>
      )}
      <RoleField
        label={t`What may they do?`}
        value={form.role}
        roles={roles}
        error={faultOf(inviting.error, "role")}
        onChange={(role) => setForm({ ...form, role })}
      />
      <TextField
        label={t`E-mail address (optional)`}
        hint={t`With an address, we mail the link there. Without one, you share it yourself.`}
        type="email"
        autoComplete="off"
        maxLength={254}
        value={form.email}
        error={faultOf(inviting.error, "email")}
        onChange={(change) => setForm({ ...form, email: change.target.value })}
      />
      {inviting.error && !isAtFields(inviting.error, FIELDS) && <Problem error={inviting.error} />}
      <DialogButtons onClose={onClose}>
        <Button type="submit" className="primary" busy={inviting.isPending}>
          {form.email.trim() ? <Trans>Send the invitation</Trans> : <Trans>Make a link</Trans>}
        </Button>
      </DialogButtons>
    </form>
  );
}

function requestOf(form: {
  memberId: string;
  email: string;
  maxUses: string;
  role: Schemas["Role"];
}): Schemas["CreateInvitationBody"] {
  const email = form.email.trim();
  return {
    role: form.role,
    ...(form.memberId ? { memberId: form.memberId } : { maxUses: Number(form.maxUses) }),
    ...(email && { email }),
  };
}

/** Whether the invitation is mailed. */
function MailWords({ invitation }: { invitation: Schemas["Invitation"] }): ReactNode {
  const email = invitation.email ?? "";
  switch (invitation.mail) {
    case "INVITATION_MAIL_REQUESTED":
      return (
        <Message>
          <Trans>
            The invitation goes to {email} by mail, unless its owner wants no invitations. You can share the
            link as well.
          </Trans>
        </Message>
      );
    case "INVITATION_MAIL_SENDER_NOT_VERIFIED":
      return (
        <Message kind="note">
          <NotVerified />
        </Message>
      );
    default:
      return null;
  }
}
