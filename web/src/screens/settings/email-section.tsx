import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { faultOf, isAtFields } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import { isWrongPassword, SecretField } from "./secret-field.tsx";

/** The address of the account: whether it is verified, and how it is changed. */
export function EmailSection({ user }: { user: Schemas["User"] }): ReactNode {
  const [open, setOpen] = useState(false);
  const { email, emailVerified, pendingEmail } = user;
  return (
    <section className="card stack-close">
      <h2>
        <Trans>E-mail address</Trans>
      </h2>
      <p>
        {email} <span className="soft small">{emailVerified && <Trans>✓ verified</Trans>}</span>
      </p>
      {!emailVerified && <Verify />}
      {pendingEmail && (
        <Message>
          <Trans>
            We mailed a link to {pendingEmail}. Open it within 24 hours; until then your address stays as it
            is.
          </Trans>
        </Message>
      )}
      <div className="row">
        <Button onClick={() => setOpen(true)}>
          {pendingEmail ? <Trans>Use another address</Trans> : <Trans>Change the address</Trans>}
        </Button>
      </div>
      {open && <ChangeEmail onClose={() => setOpen(false)} />}
    </section>
  );
}

function Verify(): ReactNode {
  const { t } = useLingui();
  const asking = useMutation({
    mutationFn: async () => body(await api.POST("/v1/users/me:requestEmailVerification", { body: {} })),
    onSuccess: () => toast(t`The mail is on its way.`),
    onSettled: () => queryClient.invalidateQueries(meQuery),
  });
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          <Trans>
            This address is not verified yet, so no mails about your events are sent. Open the link in the
            mail that we sent.
          </Trans>
        </p>
        {asking.error && <Problem error={asking.error} />}
        <Button busy={asking.isPending} onClick={() => asking.mutate()}>
          <Trans>Send the link again</Trans>
        </Button>
      </div>
    </Message>
  );
}

function ChangeEmail({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const asking = useMutation({
    mutationFn: async () =>
      body(await api.POST("/v1/users/me:requestEmailChange", { body: { email: email.trim(), password } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries(meQuery);
      onClose();
    },
  });
  const wrong = isWrongPassword(asking.error);
  return (
    <Dialog title={t`Change the address`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!asking.isPending) {
            asking.mutate();
          }
        }}
      >
        <p className="soft small">
          <Trans>
            We mail a link to the new address. Your address changes when you open it. Your present address
            gets a mail too, by which the change can be undone for 7 days.
          </Trans>
        </p>
        <TextField
          label={t`New address`}
          type="email"
          required
          maxLength={254}
          autoComplete="email"
          value={email}
          error={faultOf(asking.error, "email")}
          onChange={(event) => setEmail(event.target.value)}
        />
        <SecretField
          label={t`Your password`}
          value={password}
          error={wrong ? t`The password is wrong. Nothing was changed.` : faultOf(asking.error, "password")}
          onChange={setPassword}
        />
        {asking.error && !wrong && !isAtFields(asking.error, ["email", "password"]) && (
          <Problem error={asking.error} />
        )}
        <DialogButtons onClose={onClose}>
          <Button type="submit" className="primary" busy={asking.isPending}>
            <Trans>Mail the link</Trans>
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
