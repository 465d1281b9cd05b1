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
    used: t`It was used already.`,
    expired: t`It has expired.`,
    revoked: t`It was taken back.`,
    ended: t`Its event was deleted, or whoever made it has left the event.`,
  };
  const { why = "", inviter_name: inviter = "" } = error.metadata;
  return (
    <section className="card stack">
      <h2 className="join-title">
        <Trans>This invitation does not work</Trans>
      </h2>
      <p>{sentences[why] ?? <Trans>Nobody made it; perhaps the link is incomplete.</Trans>}</p>
      <ul className="join-advice">
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
        <li>
          <Trans>If you typed or copied it, open it again from the message that you got.</Trans>
        </li>
      </ul>
      <LinkButton className="primary wide" href={user ? "/" : "/login"}>
        {user ? <Trans>To my events</Trans> : <Trans>Log in</Trans>}
      </LinkButton>
    </section>
  );
}
