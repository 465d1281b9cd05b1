import "./write-state.css";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

/** That the server has not seen what stands beside it, or did not take it. */
export function WriteState({ state }: { state: "waiting" | "refused" }): ReactNode {
  return (
    <span className={`write-state small ${state}`}>
      {state === "waiting" ? <Trans>waiting</Trans> : <Trans>needs your decision</Trans>}
    </span>
  );
}
