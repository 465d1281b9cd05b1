import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import type { PersistedClient } from "@tanstack/react-query-persist-client";
import { deviceUser, setDeviceUser } from "../../src/state/device.ts";
import { belongsTo, forget, forgotten, persistOptions, queryClient } from "../../src/state/query-client.ts";

const ANA = { id: "usr_ana", name: "Ana" };
const BO = { id: "usr_bo", name: "Bo" };
const LISBON = ["event", "evt_lisbon", "event"];
const { persister } = persistOptions;

beforeEach(async () => {
  queryClient.clear();
  await setDeviceUser("");
  await persister.removeClient();
});

/** What the cache of a tab looks like when it is kept. */
function cacheOf(user: { id: string }): PersistedClient {
  const state = { data: user, status: "success" };
  const queries = [{ queryKey: ["me"], queryHash: '["me"]', state }];
  return {
    timestamp: Date.now(),
    buster: "1",
    clientState: { mutations: [], queries },
  } as unknown as PersistedClient;
}

test("another user finds nothing of the one before", async () => {
  queryClient.setQueryData(["me"], await belongsTo(ANA));
  queryClient.setQueryData(LISBON, { name: "Lisbon" });
  await belongsTo(BO);
  expect(queryClient.getQueryData(LISBON)).toBeUndefined();
  expect(await deviceUser()).toBe(BO.id);
});

test("the same user keeps what is known, also after the session had ended", async () => {
  queryClient.setQueryData(["me"], await belongsTo(ANA));
  queryClient.setQueryData(LISBON, { name: "Lisbon" });
  await belongsTo(ANA);
  expect(queryClient.getQueryData(LISBON)).toEqual({ name: "Lisbon" });
});

test("what is kept comes back to its user only", async () => {
  await setDeviceUser(ANA.id);
  await persister.persistClient(cacheOf(ANA));
  expect(await persister.restoreClient()).toBeDefined();
  await setDeviceUser(BO.id);
  expect(await persister.restoreClient()).toBeUndefined();
  await setDeviceUser("");
  expect(await persister.restoreClient()).toBeUndefined();
});

test("a tab that still has the user before keeps nothing", async () => {
  await setDeviceUser(BO.id);
  await persister.persistClient(cacheOf(BO));
  await persister.persistClient(cacheOf(ANA));
  const kept = await persister.restoreClient();
  expect(kept?.clientState.queries[0]?.state.data).toEqual(BO);
});

test("who is logged in changes in place, so that whoever shows it notices", async () => {
  queryClient.setQueryData(["me"], ANA);
  const query = queryClient.getQueryCache().find({ queryKey: ["me"] });
  await forget();
  queryClient.setQueryData(["me"], BO);
  expect(queryClient.getQueryCache().find({ queryKey: ["me"] })).toBe(query);
});

test("what is forgotten goes from the screens too", async () => {
  const before = forgotten.times();
  let told = 0;
  const stop = forgotten.subscribe(() => (told += 1));
  await forget();
  stop();
  expect([forgotten.times(), told]).toEqual([before + 1, 1]);
});
