import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

export function Loading(): ReactNode {
  return (
    <div className="loading" role="status">
      <Trans>Loading…</Trans>
    </div>
  );
}
