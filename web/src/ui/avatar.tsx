import type { ReactNode } from "react";
import type { Schemas } from "../api/client.ts";

const FALLBACK = "#55605c";

/** A member's initials on their colour. The name stands beside it, so it says nothing to a screen reader. */
export function Avatar({ member }: { member: Schemas["Member"] | undefined }): ReactNode {
  return (
    <span aria-hidden="true" className="avatar" style={{ background: member?.colour || FALLBACK }}>
      {member?.initials}
    </span>
  );
}
