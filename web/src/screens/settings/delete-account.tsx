import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { api, body, type Schemas } from "../../api/client.ts";
import { leave } from "../../session.tsx";
import { faultOf, isAtFields } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import { isWrongPassword, SecretField } from "./secret-field.tsx";

export function DeleteAccount({ user }: { user: Schemas["User"] }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <section className="stack-close">
      <Button className="danger wide" onClick={() => setOpen(true)}>
        <Trans>Delete my account</Trans>
      </Button>
      {open && <DeleteDialog email={user.email ?? ""} onClose={() => setOpen(false)} />}
    </section>
  );
}

function DeleteDialog({ email, onClose }: { email: string; onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const [password, setPassword] = useState("");
  const deleting = useMutation({
    mutationFn: async () => body(await api.POST("/v1/users/me:delete", { body: { password } })),
    onSuccess: async () => {
      navigate("/");
      await leave();
      toast(t`Your account is deleted. A log-in within the next days takes that back.`);
    },
  });
  const wrong = isWrongPassword(deleting.error);
  return (
    <Dialog title={t`Delete the account ${email}?`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!deleting.isPending) {
            deleting.mutate();
          }
        }}
      >
        <ul className="settings-list">
          <li>
            <Trans>You are logged out everywhere at once.</Trans>
          </li>
          <li>
            <Trans>
              For 7 days, unless this server is set up otherwise, a log-in takes the deletion back. Then it is
              final.
            </Trans>
          </li>
          <li>
            <Trans>
              Your expenses stay in the events of others, under the name “Former member”, so that no balance
              changes.
            </Trans>
          </li>
          <li>
            <Trans>Events of which nobody else has an account are deleted.</Trans>
          </li>
        </ul>
        <SecretField
          label={t`Your password`}
          value={password}
          error={wrong ? t`The password is wrong. Nothing was deleted.` : faultOf(deleting.error, "password")}
          onChange={setPassword}
        />
        {deleting.error && !wrong && !isAtFields(deleting.error, ["password"]) && (
          <Problem error={deleting.error} />
        )}
        <DialogButtons onClose={onClose}>
          <Button type="submit" className="danger" busy={deleting.isPending}>
            <Trans>Delete my account</Trans>
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
