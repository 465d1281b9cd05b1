import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { draftKey, dropDraft, keepDraft, readDraft } from "../../src/screens/expense-form/draft.ts";
import { emptyState } from "../../src/screens/expense-form/model/form-state.ts";

const STATE = emptyState({ currency: "EUR", date: "2026-11-28", own: "ana", memberIds: ["ana"] });

test("each member has a draft of a new expense, and of each that they edit, until it is dropped", async () => {
  const adding = draftKey("ana");
  const editing = draftKey("ana", "exp_1");
  await keepDraft(adding, { expenseId: "exp_2", state: { ...STATE, reason: "Dinner" } });
  await keepDraft(editing, { expenseId: "exp_1", state: STATE, etag: "v1" });
  expect(await readDraft(adding)).toMatchObject({ expenseId: "exp_2", state: { reason: "Dinner" } });
  expect(await readDraft(editing)).toMatchObject({ etag: "v1" });
  expect(await readDraft(draftKey("bo"))).toBeUndefined();
  await dropDraft(adding);
  expect(await readDraft(adding)).toBeUndefined();
  expect(await readDraft(editing)).toBeDefined();
});
