import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body } from "../../api/client.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Message } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { fieldsOf } from "./form-fields.ts";
import { useFaults } from "./refusals.tsx";
import "./account.css";

export default function ForgotPassword(): ReactNode {
  const { t } = useLingui();
  const asking = useMutation({
    mutationFn: async ({ email }: { email: string }) =>
      body(await api.POST("/v1/users:requestPasswordReset", { body: { email } })),
  });
  const faults = useFaults(asking.error, ["email"]);
  return (
    <Page title={t`Forgotten password`} back="/login">
      {asking.isSuccess ? (
        <Sent email={asking.variables.email} onAgain={asking.reset} />
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (!asking.isPending) {
              asking.mutate(fieldsOf(event.currentTarget, ["email"]));
            }
          }}
        >
          <TextField
            label={t`E-mail address`}
            name="email"
            type="email"
            autoComplete="username"
            defaultValue={asking.variables?.email}
            maxLength={254}
            required
            hint={t`We mail you a link with which you choose a new password.`}
            error={faults.of("email")}
          />
          {faults.rest}
          <Button type="submit" className="primary wide" busy={asking.isPending}>
            <Trans>Mail me a link</Trans>
          </Button>
        </form>
      )}
    </Page>
  );
}

function Sent({ email, onAgain }: { email: string; onAgain: () => void }): ReactNode {
  return (
    <>
      <Message>
        <div className="stack-close">
          <p>
            <Trans>
              If <strong>{email}</strong> has an account, a mail with a link is on its way. The link works for
              an hour.
            </Trans>
          </p>
          <p>
            <Trans>No mail after some minutes? Look among the spam, and check the address.</Trans>
          </p>
        </div>
      </Message>
      <LinkButton className="primary wide" href="/login">
        <Trans>To the log-in</Trans>
      </LinkButton>
      <Button className="plain" onClick={onAgain}>
        <Trans>Use another address</Trans>
      </Button>
    </>
  );
}
