import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { api, body, isSignedOut } from "../../api/client.ts";
import { useWrites } from "../../outbox/index.ts";
import { leave } from "../../session.tsx";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Problem } from "../../ui/message.tsx";

/** Ends the session of this device. It asks first if writes still wait. */
export function LogOut(): ReactNode {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const waiting = useWrites().length;
  const logOut = async (): Promise<void> => {
    try {
      body(await api.DELETE("/v1/sessions/current"));
    } catch (error) {
      // A session that has ended already is what was asked for.
      if (!isSignedOut(error)) {
        throw error;
      }
    }
    navigate("/");
    await leave();
  };
  const leaving = useMutation({ mutationFn: logOut });
  return (
    <section className="stack-close">
      {leaving.error && <Problem error={leaving.error} />}
      <Button
        className="wide"
        busy={leaving.isPending}
        onClick={() => (waiting > 0 ? setAsking(true) : leaving.mutate())}
      >
        <Trans>Log out on this device</Trans>
      </Button>
      {asking && (
        <Confirm
          title={t`Log out all the same?`}
          action={<Trans>Log out</Trans>}
          run={logOut}
          onClose={() => setAsking(false)}
        >
          <p>
            <Plural
              value={waiting}
              one="# entry has not reached howmuch yet."
              other="# entries have not reached howmuch yet."
            />{" "}
            <Trans>
              What was not sent stays on this device, hidden from others, until you log in here again. If the
              data of this browser is cleared before that, it is lost.
            </Trans>
          </p>
        </Confirm>
      )}
    </section>
  );
}
