import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Refusal } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { LinkButton } from "../../ui/button.tsx";

/** An invitation that cannot be used: why, and what to do. */
export function Unusable({ error }: { error: Refusal }): ReactNode {
  const { t } = useLingui();
  const { user } = useSession();
  const sentences: Record<string, string> = {
    used: t`This invitation was used already`,
    expired: t`This invitation has expired`,
    revoked: t`This invitation was taken back`,
    ended: t`This invitation has ended`,
  };
  const { why = "", inviter_name: inviter = "" } = error.metadata;
  const known = why in sentences;
  return (
    <section className="card stack">
      <h2 className="join-title">{known ? sentences[why] : <Trans>This invitation does not work</Trans>}</h2>
      <ul className="join-advice">
        {!known && (
          <li>
            <Trans>Perhaps the link is incomplete: open it again from the message that you got.</Trans>
          </li>
        )}
        <li>
          <Trans>If you have joined by it, the event is among yours.</Trans>
        </li>
        <li>
          {inviter ? (
            <Trans>If not, ask {inviter} for a new link.</Trans>
          ) : (
            <Trans>If not, ask the person who invited you for a new link.</Trans>
          )}
        </li>
      </ul>
      <LinkButton className="primary wide" href={user ? "/" : "/login"}>
        {user ? <Trans>To my events</Trans> : <Trans>Log in</Trans>}
      </LinkButton>
    </section>
  );
}
