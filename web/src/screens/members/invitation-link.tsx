import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { share } from "../../ui/share.ts";

// Where it cannot be loaded, the link itself is enough.
const QrCode = lazy(() => import("./qr-code.tsx").catch(() => ({ default: () => null })));

/** The link of an invitation: to copy, to share, and as a QR code. */
export function InvitationLink(props: {
  event: Schemas["Event"];
  invitation: Schemas["Invitation"];
}): ReactNode {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  // Not a toast, which would be behind the dialog.
  const [said, setSaid] = useState("");
  const { token = "" } = props.invitation;
  const link = props.invitation.link || `${location.origin}/join/${token}`;
  const { name } = props.event;
  const give = async (): Promise<void> => {
    try {
      if ((await share(link, name)) === "copied") {
        setSaid(t`The link is copied.`);
      }
    } catch {
      setSaid(t`This browser neither copies nor shares. Select the link above.`);
    }
  };
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setSaid(t`The link is copied.`);
    } catch {
      setSaid(t`This browser does not copy. Select the link above.`);
    }
  };
  return (
    <div className="stack-close">
      <TextField
        label={t`Link`}
        readOnly
        value={link}
        hint={t`Whoever has it may join, so give it only to the people you mean.`}
        onFocus={(focus) => focus.target.select()}
      />
      <div className="members-link-buttons">
        {"share" in navigator && (
          <Button className="primary" onClick={() => void give()}>
            <Trans>Share</Trans>
          </Button>
        )}
        <Button onClick={() => void copy()}>
          <Trans>Copy</Trans>
        </Button>
        <Button aria-expanded={shown} onClick={() => setShown(!shown)}>
          <Trans>QR code</Trans>
        </Button>
      </div>
      <p role="status" className="small">
        {said}
      </p>
      {shown && (
        <Suspense fallback={<Loading />}>
          <QrCode text={link} label={t`QR code of the link to ${name}`} />
        </Suspense>
      )}
    </div>
  );
}
