/** What the server said last. It is kept in IndexedDB, so that the app opens without a network. */

import { QueryClient } from "@tanstack/react-query";
import type { PersistedClient, Persister } from "@tanstack/react-query-persist-client";
import { createStore, del, get, set } from "idb-keyval";
import { isUnreachable, Refusal } from "../api/client.ts";

const KEPT_MS = 14 * 24 * 3600 * 1000;
const LONGEST_WAIT_MS = 15_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      gcTime: KEPT_MS,
      // The watch stream says when something is new.
      staleTime: 30_000,
      networkMode: "offlineFirst",
      // The client itself repeats what got no answer; a refusal stays one.
      retry: (count, error) => isUnreachable(error) && count < 2,
      retryDelay: (count) => Math.min(1000 * 2 ** count, LONGEST_WAIT_MS),
      throwOnError: false,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

const store = createStore("howmuch-cache", "queries");
const KEY = "client";

/** Where browsers refuse IndexedDB, as in some private windows, the app works without what was kept. */
const persister: Persister = {
  persistClient: (client: PersistedClient) => set(KEY, client, store).catch(() => undefined),
  restoreClient: () => get<PersistedClient>(KEY, store).catch(() => undefined),
  removeClient: () => del(KEY, store).catch(() => undefined),
};

export const persistOptions = {
  persister,
  maxAge: KEPT_MS,
  buster: "1",
  dehydrateOptions: { shouldDehydrateMutation: () => false },
};

/** Forgets everything of the session on this device. */
export async function forget(): Promise<void> {
  queryClient.clear();
  await persister.removeClient();
}

/** Whether the thing is not there for this user: deleted, never there, or no longer theirs. */
export function isGone(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 404 || error.status === 403);
}
