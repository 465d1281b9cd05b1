import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { isSignedOut, isUnreachable, Refusal } from "../api/client.ts";
import { NotKept } from "../outbox/index.ts";
import { isGone } from "../state/query-client.ts";
import { Button, LinkButton } from "./button.tsx";

/** A box that says something. kind: `fault`, `note`, or none for what is simply so. */
export function Message(props: { kind?: "fault" | "note"; children: ReactNode }): ReactNode {
  return (
    <div role={props.kind === "fault" ? "alert" : "status"} className={`message ${props.kind ?? ""}`}>
      {props.children}
    </div>
  );
}

/** What went wrong, and what to do. retry: asks again, where that makes sense. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }): ReactNode {
  return (
    <Message kind="fault">
      <div className="stack-close">
        <p>
          <Words error={error} isRead={retry !== undefined} />
        </p>
        {isSignedOut(error) && (
          <LinkButton href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>
            <Trans>Log in</Trans>
          </LinkButton>
        )}
        {isGone(error) && (
          <LinkButton href="/">
            <Trans>To my events</Trans>
          </LinkButton>
        )}
        {retry && !isSignedOut(error) && !isGone(error) && (
          <Button onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
        )}
      </div>
    </Message>
  );
}

/** isRead: something was asked for, so that nothing typed is at stake. */
function Words({ error, isRead }: { error: unknown; isRead: boolean }): ReactNode {
  if (error instanceof NotKept) {
    return (
      <Trans>
        Nothing was saved: there is no network, and this browser keeps nothing for later. Leave this page
        open, and try again when the network is back.
      </Trans>
    );
  }
  if (isUnreachable(error)) {
    return isRead ? <NotRead /> : <NotWritten />;
  }
  if (isSignedOut(error)) {
    return <Trans>You are logged out. Log in to go on where you were.</Trans>;
  }
  if (isGone(error) && error instanceof Refusal && error.status === 404) {
    return (
      <Trans>This is not here, or no longer yours to see. Perhaps you left the event, or were removed.</Trans>
    );
  }
  return error instanceof Refusal ? error.message : <Trans>Something went wrong in the app.</Trans>;
}

function NotRead(): ReactNode {
  return navigator.onLine ? (
    <Trans>howmuch does not answer. It may be starting again; try again in a moment.</Trans>
  ) : (
    <Trans>
      This was not opened on this device before, so it needs a network. It appears when the network is back.
    </Trans>
  );
}

function NotWritten(): ReactNode {
  return navigator.onLine ? (
    <Trans>howmuch does not answer. It may be starting again; nothing that you typed is lost.</Trans>
  ) : (
    <Trans>There is no network. Nothing that you typed is lost.</Trans>
  );
}
