import { expect, test } from "vitest";
import type { Schemas } from "../../src/api/client.ts";
import { byDay, expenseOf, isUnread, lastChanges, reversal } from "../../src/screens/activity/changes.ts";

const at = (hour: number, day = 30) => new Date(2026, 10, day, hour).toISOString();
const expense = (version: number): Schemas["Expense"] => ({
  reason: "Dinner",
  payments: [],
  etag: `v${version}`,
  version,
});

test("changes are grouped by the days of this device, in their order", () => {
  const days = byDay([
    { revision: "3", createTime: at(23) },
    { revision: "2", createTime: at(0) },
    { revision: "1", createTime: at(23, 29) },
  ]);
  expect(days.map(({ day, changes }) => [day, changes.length])).toEqual([
    ["2026-11-30", 2],
    ["2026-11-29", 1],
  ]);
});

test("new are the changes of others since the mark", () => {
  const change = { revision: "10", actorMemberId: "mbr_ben" };
  expect(isUnread(change, "mbr_ana", "9")).toBe(true);
  expect(isUnread(change, "mbr_ana", "10")).toBe(false);
  expect(isUnread(change, "mbr_ben", "9")).toBe(false);
  expect(isUnread(change, "mbr_ana", undefined)).toBe(false);
});

test("a comment leads to its expense, and a change of a member to none", () => {
  const comment = { expenseId: "exp_1", text: "Hm" };
  expect(expenseOf({ subjectId: "cmt_1", after: { comment } })).toBe("exp_1");
  expect(expenseOf({ subjectId: "exp_2" })).toBe("exp_2");
  expect(expenseOf({ subjectId: "mbr_1" })).toBe("");
});

test("only the newest change of an expense is its last one", () => {
  const changes = [
    { revision: "4", subjectId: "exp_1" },
    { revision: "3", subjectId: "exp_2" },
    { revision: "2", subjectId: "exp_1" },
  ];
  expect([...lastChanges(changes)]).toEqual(["4", "3"]);
});

test("a deletion is undeleted, an edit is restored to what was before, with the etag that was read", () => {
  const deleted = { kind: "CHANGE_KIND_EXPENSE_DELETED", subjectId: "exp_1" } as const;
  const edited = { kind: "CHANGE_KIND_EXPENSE_UPDATED", subjectId: "exp_1" } as const;
  const snapshots = { before: { expense: expense(2) }, after: { expense: expense(3) } };
  expect(reversal({ ...deleted, ...snapshots })).toEqual({
    kind: "undelete",
    expenseId: "exp_1",
    etag: "v3",
  });
  expect(reversal({ ...edited, ...snapshots })).toEqual({
    kind: "restore",
    expenseId: "exp_1",
    version: 2,
    etag: "v3",
  });
});

test("what was created has nothing to go back to", () => {
  expect(reversal({ kind: "CHANGE_KIND_EXPENSE_CREATED", subjectId: "exp_1" })).toBeUndefined();
});
