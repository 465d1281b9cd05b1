import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useSession } from "../../session.tsx";
import { LinkButton } from "../../ui/button.tsx";

/** An invitation that cannot be used. The server's own page of it says which of the reasons it is. */
export function Unusable({ token }: { token: string }): ReactNode {
  const { user } = useSession();
  return (
    <section className="card stack">
      <h2 className="join-title">
        <Trans>This invitation does not work</Trans>
      </h2>
      <p>
        <Trans>
          It was used already, has expired, or was taken back; or the link is incomplete.{" "}
          <a href={`/join/${encodeURIComponent(token)}`}>See which it is.</a>
        </Trans>
      </p>
      <ul className="join-advice">
        <li>
          <Trans>If you have joined by it, the event is among yours.</Trans>
        </li>
        <li>
          <Trans>If not, ask the person who invited you for a new link.</Trans>
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
