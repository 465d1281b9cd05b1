import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { outbox, useWrites } from "../../outbox/index.ts";
import { isHeld } from "../../outbox/queue.ts";
import { useSession } from "../../session.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import { useFold } from "../../ui/fold.tsx";
import { Message } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { WriteCard } from "./write-card.tsx";
import "./waiting.css";

/** What this device has written and the server has not accepted: first what needs a decision, then what waits. */
export default function Waiting(): ReactNode {
  const { t } = useLingui();
  const { user } = useSession();
  const writes = useWrites();
  const refused = writes.filter((write) => write.refused);
  const waiting = writes.filter((write) => !write.refused);
  const [shown, fold] = useFold(waiting);
  return (
    <Page title={t`Not sent yet`} back="/">
      {writes.length === 0 && <Nothing />}
      {writes.length > 0 && user === null && <LogInFirst />}
      {refused.length > 0 && (
        <section className="stack">
          <h2>
            <Trans>Needs your decision</Trans>
          </h2>
          {refused.map((write) => (
            <WriteCard key={write.key} write={write} />
          ))}
        </section>
      )}
      {waiting.length > 0 && (
        <section className="stack">
          <h2>
            <Trans>Waits for a network</Trans>
          </h2>
          <p className="soft small">
            <Trans>It is kept on this device, and sent by itself in this order. You can close the app.</Trans>
          </p>
          {user !== null && <SendNow />}
          {shown.map((write) => (
            <WriteCard key={write.key} write={write} held={isHeld(write, refused)} />
          ))}
          {fold}
        </section>
      )}
    </Page>
  );
}

function Nothing(): ReactNode {
  return (
    <div className="card stack-close" role="status">
      <p>
        <Trans>Nothing waits. Everything that you entered on this device has reached howmuch.</Trans>
      </p>
      <LinkButton className="primary" href="/">
        <Trans>To my events</Trans>
      </LinkButton>
    </div>
  );
}

function LogInFirst(): ReactNode {
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          <Trans>You are logged out. Log in again, then this is sent.</Trans>
        </p>
        <LinkButton className="primary" href="/login?next=%2Fwaiting">
          <Trans>Log in</Trans>
        </LinkButton>
      </div>
    </Message>
  );
}

function SendNow(): ReactNode {
  const { t } = useLingui();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const send = async (): Promise<void> => {
    setBusy(true);
    await outbox.pump();
    setBusy(false);
    const left = outbox.current().some((write) => !write.refused);
    setSaid(left ? t`howmuch could not be reached. It is tried again by itself.` : "");
  };
  return (
    <div className="stack-close">
      <Button busy={busy} onClick={() => void send()}>
        <Trans>Send now</Trans>
      </Button>
      <p role="status" className="small">
        {said}
      </p>
    </div>
  );
}
