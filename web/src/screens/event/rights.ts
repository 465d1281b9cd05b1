import type { Schemas } from "../../api/client.ts";

/** What the user may do in an event. Who sees it may also comment, unless it is read-only. */
export interface Rights {
  readOnly: boolean;
  write: boolean;
  own: boolean;
}

export function rightsOf(event: Schemas["Event"] | undefined): Rights {
  const readOnly = !event || event.archiveTime !== undefined || event.deleteTime !== undefined;
  const { role } = event ?? {};
  return {
    readOnly,
    write: !readOnly && (role === "ROLE_EDITOR" || role === "ROLE_OWNER"),
    own: role === "ROLE_OWNER",
  };
}
