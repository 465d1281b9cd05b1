import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body, Refusal } from "../../api/client.ts";
import { meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { Button } from "../../ui/button.tsx";
import { Message, Problem } from "../../ui/message.tsx";

/** Reminds of the mail that verifies the address, and sends it again. */
export function VerifyNote({ email }: { email: string }): ReactNode {
  const { t } = useLingui();
  const sending = useMutation({
    mutationFn: async () => body(await api.POST("/v1/users/me:requestEmailVerification", { body: {} })),
    onError: (error) => {
      if (error instanceof Refusal && error.reason === "EMAIL_VERIFIED") {
        void queryClient.invalidateQueries(meQuery);
      }
    },
  });
  return (
    <Message kind="note">
      <div className="stack-close home-verify">
        <p>
          <Trans>
            Confirm <strong>{email}</strong> by the link in the mail that we sent there. Until then,
            invitations by mail wait.
          </Trans>
        </p>
        {sending.isSuccess ? (
          <p>
            <Trans>A new mail is on its way. Look among the spam, too.</Trans>
          </p>
        ) : (
          <Button className="plain" busy={sending.isPending} onClick={() => sending.mutate()}>
            {sending.isPending ? t`Sending…` : t`Send the mail again`}
          </Button>
        )}
        {sending.error && <Problem error={sending.error} />}
      </div>
    </Message>
  );
}
