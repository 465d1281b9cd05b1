import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { useEventWrite } from "../../state/write.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/message.tsx";
import { Invite } from "./invite.tsx";
import { MemberDialog } from "./member-dialog.tsx";
import { RemoveMember } from "./remove-member.tsx";
import { mayChange, memberRights } from "./rights.ts";
import { RoleName } from "./roles.tsx";
import { formatWeight, weightOf } from "./weight.ts";

interface OfMember {
  event: Schemas["Event"];
  member: Schemas["Member"];
}

/** A member, and what the user may do with them. */
export function MemberRow({ event, member }: OfMember): ReactNode {
  const { t } = useLingui();
  const [open, setOpen] = useState<"" | "change" | "remove" | "invite">("");
  const rights = memberRights(event, member);
  const name = member.name ?? "";
  const close = (): void => setOpen("");
  return (
    <li className="members-row">
      <Avatar member={member} />
      <div className="grow">
        <div>
          <strong>{name}</strong>
          {member.id === event.memberId && (
            <span className="soft">
              {" "}
              <Trans>(you)</Trans>
            </span>
          )}
        </div>
        <MemberFacts member={member} />
      </div>
      <div className="members-actions">
        {(mayChange(rights) || rights.remove) && (
          <Button className="plain" aria-label={t`Change ${name}`} onClick={() => setOpen("change")}>
            <Trans>Change</Trans>
          </Button>
        )}
        {member.state === "MEMBER_STATE_INACTIVE" && <ComeBack event={event} member={member} />}
      </div>
      {open === "change" && (
        <MemberDialog
          event={event}
          member={member}
          rights={rights}
          onInvite={() => setOpen("invite")}
          onRemove={() => setOpen("remove")}
          onClose={close}
        />
      )}
      {open === "remove" && (
        <RemoveMember event={event} member={member} mayBar={rights.bar} onClose={close} />
      )}
      {open === "invite" && <Invite event={event} members={[member]} guest={member} onClose={close} />}
    </li>
  );
}

function MemberFacts({ member }: { member: Schemas["Member"] }): ReactNode {
  const weight = weightOf(member);
  const shown = formatWeight(weight, formatLocale());
  const aliases = (member.aliases ?? []).join(", ");
  return (
    <div className="soft small">
      <RoleName role={member.role} /> · {member.userId ? <Trans>has an account</Trans> : <Trans>guest</Trans>}
      {weight !== "1" && (
        <>
          {" "}
          · <Trans>usual share {shown}</Trans>
        </>
      )}
      {member.barred && (
        <>
          {" "}
          · <Trans>may not come back</Trans>
        </>
      )}
      {aliases && (
        <>
          {" "}
          · <Trans>before: {aliases}</Trans>
        </>
      )}
    </div>
  );
}

/** For a member who has left: take a guest in again, or let a user be invited again or no more. */
function ComeBack({ event, member }: OfMember): ReactNode {
  const rights = memberRights(event, member);
  const path = { eventId: event.id ?? "", memberId: member.id ?? "" };
  const change = useEventWrite(path.eventId, async (changed: Schemas["UpdateMemberBody"]) => {
    const query = { updateMask: Object.keys(changed).join(",") };
    const params = { path, query };
    return body(await api.PATCH("/v1/events/{eventId}/members/{memberId}", { params, body: changed }));
  });
  const name = member.name ?? "";
  return (
    <>
      {rights.readd && (
        <Button
          className="plain"
          busy={change.isPending}
          onClick={() => change.mutate({ state: "MEMBER_STATE_ACTIVE" })}
        >
          <Trans>Take {name} in again</Trans>
        </Button>
      )}
      {rights.bar && (
        <Button
          className="plain"
          busy={change.isPending}
          onClick={() => change.mutate({ barred: !member.barred })}
        >
          {member.barred ? <Trans>Let {name} come back</Trans> : <Trans>Bar {name} from coming back</Trans>}
        </Button>
      )}
      {change.error && <Problem error={change.error} />}
    </>
  );
}
