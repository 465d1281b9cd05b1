import { expect, test } from "vitest";
import type { Schemas } from "../../src/api/client.ts";
import { mayChange, memberRights, rolesBelow } from "../../src/screens/members/rights.ts";

const ANA = { id: "mbr_ana", userId: "usr_ana", state: "MEMBER_STATE_ACTIVE" } as const;
const BO = { id: "mbr_bo", userId: "usr_bo", state: "MEMBER_STATE_ACTIVE" } as const;
const CY = { id: "mbr_cy", state: "MEMBER_STATE_ACTIVE" } as const;

function event(role: Schemas["Role"], more: Partial<Schemas["Event"]> = {}): Schemas["Event"] {
  return { name: "Lisbon", role, memberId: ANA.id, ...more };
}

function allowed(of: Schemas["Event"] | undefined, member: Schemas["Member"]): string[] {
  return Object.entries(memberRights(of, member)).flatMap(([right, has]) => (has ? [right] : []));
}

test("an owner changes and removes others, but not the names of users", () => {
  expect(allowed(event("ROLE_OWNER"), BO)).toEqual(["weight", "role", "remove", "bar"]);
  expect(allowed(event("ROLE_OWNER"), CY)).toEqual(["rename", "weight", "role", "remove"]);
});

test("nobody removes or bars themselves here", () => {
  expect(allowed(event("ROLE_OWNER"), ANA)).toEqual(["rename", "weight", "role"]);
});

test("an editor cares for guests and shares", () => {
  expect(allowed(event("ROLE_EDITOR"), BO)).toEqual(["weight"]);
  expect(allowed(event("ROLE_EDITOR"), CY)).toEqual(["rename", "weight", "remove"]);
});

test("a reader changes their own name and nothing else", () => {
  expect(allowed(event("ROLE_VIEWER"), ANA)).toEqual(["rename"]);
  expect(allowed(event("ROLE_VIEWER"), CY)).toEqual([]);
  expect(mayChange(memberRights(event("ROLE_VIEWER"), CY))).toBe(false);
});

test("who has left comes back, or is barred", () => {
  const state = "MEMBER_STATE_INACTIVE";
  expect(allowed(event("ROLE_EDITOR"), { ...CY, state })).toEqual(["rename", "readd"]);
  expect(allowed(event("ROLE_OWNER"), { ...BO, state })).toEqual(["bar"]);
});

test.each([
  ["archived", { archiveTime: "2026-11-30T00:00:00Z" }],
  ["deleted", { deleteTime: "2026-11-30T00:00:00Z" }],
])("nothing changes in an event that is %s", (_, more) => {
  expect(allowed(event("ROLE_OWNER", more), CY)).toEqual([]);
});

test("nobody gives a role above their own", () => {
  expect(rolesBelow("ROLE_EDITOR")).not.toContain("ROLE_OWNER");
  expect(rolesBelow("ROLE_OWNER")).toContain("ROLE_OWNER");
});
