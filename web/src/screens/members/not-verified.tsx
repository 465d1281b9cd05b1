import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";

/** Why an invitation is not mailed. */
export function NotVerified(): ReactNode {
  return (
    <p>
      <Trans>
        No mail is sent, because your own address is not verified yet. Share the link instead, or{" "}
        <Link href="/settings">verify your address in the settings</Link>.
      </Trans>
    </p>
  );
}
