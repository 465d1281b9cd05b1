import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { tokenOf } from "./invitation-token.ts";

/** Opens a dialog that takes the link of an invitation, and leads to it. */
export function InvitationButton({ className }: { className: string }): ReactNode {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button className={className} onClick={() => setOpen(true)}>
        <Trans>I have an invitation</Trans>
      </Button>
      {open && (
        <Dialog title={t`Your invitation`} onClose={() => setOpen(false)}>
          <InvitationForm onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function InvitationForm({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const [pasted, setPasted] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const token = tokenOf(pasted);
        setWrong(token === undefined);
        if (token !== undefined) {
          navigate(`/invitations/${token}`);
        }
      }}
    >
      <TextField
        label={t`Link of the invitation`}
        hint={t`Paste the link that a friend sent you, or the whole message.`}
        error={
          wrong ? t`There is no invitation in this. The link contains “/join/” and many letters.` : undefined
        }
        value={pasted}
        onChange={(event) => setPasted(event.target.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <Button type="submit" className="primary wide">
        <Trans>Open it</Trans>
      </Button>
      <Button className="plain wide" onClick={onClose}>
        <Trans>Cancel</Trans>
      </Button>
    </form>
  );
}
