import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body, Refusal } from "../../api/client.ts";
import { sessionsQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { faultOf, isAtFields } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import { isWrongPassword, SecretField } from "./secret-field.tsx";

export function PasswordSection(): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Password</Trans>
      </h2>
      <div className="row">
        <Button onClick={() => setOpen(true)}>
          <Trans>Change the password</Trans>
        </Button>
      </div>
      {open && <ChangePassword onClose={() => setOpen(false)} />}
    </section>
  );
}

function ChangePassword({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNew] = useState("");
  const changing = useMutation({
    mutationFn: async () =>
      body(await api.POST("/v1/users/me:changePassword", { body: { currentPassword, newPassword } })),
    onSuccess: () => {
      void queryClient.invalidateQueries(sessionsQuery);
      toast(t`The password is changed. Every other device is logged out.`);
      onClose();
    },
  });
  const wrong = isWrongPassword(changing.error);
  const common = changing.error instanceof Refusal && changing.error.reason === "PASSWORD_TOO_COMMON";
  return (
    <Dialog title={t`Change the password`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!changing.isPending) {
            changing.mutate();
          }
        }}
      >
        <SecretField
          label={t`Present password`}
          value={currentPassword}
          error={
            wrong
              ? t`The password is wrong. Nothing was changed.`
              : faultOf(changing.error, "currentPassword")
          }
          onChange={setCurrent}
        />
        <SecretField
          label={t`New password`}
          isNew
          value={newPassword}
          error={
            common
              ? t`This password is easy to guess. Choose another one.`
              : faultOf(changing.error, "newPassword")
          }
          onChange={setNew}
        />
        <p className="soft small">
          <Trans>Every other device is logged out.</Trans>
        </p>
        {changing.error &&
          !wrong &&
          !common &&
          !isAtFields(changing.error, ["currentPassword", "newPassword"]) && (
            <Problem error={changing.error} />
          )}
        <DialogButtons onClose={onClose}>
          <Button type="submit" className="primary" busy={changing.isPending}>
            <Trans>Change it</Trans>
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
