/** What the user may do with a member. The server decides in the end; what it would refuse is not shown. */

import type { Schemas } from "../../api/client.ts";

type Member = Schemas["Member"];

export interface MemberRights {
  /** Name and colour. */
  rename: boolean;
  weight: boolean;
  role: boolean;
  remove: boolean;
  /** Bar from coming back, together with the removal or afterwards; and let in again. */
  bar: boolean;
  readd: boolean;
}

export function memberRights(event: Schemas["Event"] | undefined, member: Member): MemberRights {
  const open = event !== undefined && !event.archiveTime && !event.deleteTime;
  const owner = open && event.role === "ROLE_OWNER";
  const editor = owner || (open && event.role === "ROLE_EDITOR");
  const mine = open && member.id === event.memberId;
  const guest = !member.userId;
  const active = member.state !== "MEMBER_STATE_INACTIVE";
  return {
    rename: mine || (editor && guest),
    weight: editor && active,
    role: owner && active,
    remove: active && !mine && (owner || (editor && guest)),
    bar: owner && !guest && !mine,
    readd: editor && guest && !active,
  };
}

/** Whether there is anything to change in the dialog of a member. */
export function mayChange({ rename, weight, role }: MemberRights): boolean {
  return rename || weight || role;
}

/** The roles that a user of this role may give, the usual one first. */
export function rolesBelow(role: Schemas["Role"] | undefined): Schemas["Role"][] {
  return role === "ROLE_OWNER"
    ? ["ROLE_EDITOR", "ROLE_VIEWER", "ROLE_OWNER"]
    : ["ROLE_EDITOR", "ROLE_VIEWER"];
}
