/** What the server said last. It is kept in IndexedDB, so that the app opens without a network. */

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import type { PersistedClient, Persister } from "@tanstack/react-query-persist-client";
import { createStore, del, get, set } from "idb-keyval";
import { isSignedOut, isUnreachable, Refusal, type Schemas } from "../api/client.ts";
import { deviceUser, setDeviceUser } from "./device.ts";

const KEPT_MS = 14 * 24 * 3600 * 1000;
const LONGEST_WAIT_MS = 15_000;

const ME = "me";
// The cache changes some dozens of times while a screen opens. It is kept once for all of them.
const TOGETHER_MS = 500;

let latest: PersistedClient | undefined;
let saving: Promise<void> | undefined;

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, { queryKey }) => queryKey[0] !== ME && checkSession(error) }),
  mutationCache: new MutationCache({ onError: checkSession }),
  defaultOptions: {
    queries: {
      gcTime: KEPT_MS,
      // The watch stream says when something is new.
      staleTime: 30_000,
      networkMode: "offlineFirst",
      retry: mayRetry,
      retryDelay: (count) => Math.min(1000 * 2 ** count, LONGEST_WAIT_MS),
      throwOnError: false,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

/** A refusal stays one. Without a network the screen says so at once; what it needs is asked for when there is one. */
export function mayRetry(count: number, error: unknown): boolean {
  return isUnreachable(error) && navigator.onLine && count < 2;
}

/** Whatever finds that the session has ended, the whole app learns it. */
function checkSession(error: unknown): void {
  if (isSignedOut(error)) {
    void queryClient.invalidateQueries({ queryKey: [ME] });
  }
}

const store = createStore("howmuch-cache", "queries");
const KEY = "client";

/**
 * Keeps and returns only what the user of this device saw: another tab may not know yet that somebody else is logged
 * in. Where browsers refuse IndexedDB, as in some private windows, the app works without what was kept.
 */
const persister: Persister = {
  persistClient(client: PersistedClient) {
    latest = client;
    saving ??= new Promise((done) => setTimeout(done, TOGETHER_MS)).then(save);
    return saving;
  },
  async restoreClient() {
    const client = await get<PersistedClient>(KEY, store).catch(() => undefined);
    return client && (await isOfDeviceUser(client)) ? client : undefined;
  },
  removeClient() {
    latest = undefined;
    return del(KEY, store).catch(() => undefined);
  },
};

/** Keeps the cache as it is now, unless it was removed meanwhile. */
async function save(): Promise<void> {
  saving = undefined;
  const client = latest;
  if (client && (await isOfDeviceUser(client)) && client === latest) {
    await set(KEY, client, store).catch(() => undefined);
  }
}

export const persistOptions = {
  persister,
  maxAge: KEPT_MS,
  buster: "1",
  dehydrateOptions: { shouldDehydrateMutation: () => false },
};

async function isOfDeviceUser(client: PersistedClient): Promise<boolean> {
  const me = client.clientState.queries.find(({ queryKey }) => queryKey[0] === ME);
  const { id } = (me?.state.data ?? {}) as Partial<Schemas["User"]>;
  return id !== undefined && id === (await deviceUser());
}

/** Forgets what somebody saw on this device, but for who they are: that changes in place, so that the app notices. */
export async function forget(): Promise<void> {
  const others = { predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== ME };
  // Removing cancels, so that no late answer comes back into the cache.
  queryClient.removeQueries(others);
  times += 1;
  listeners.forEach((listener) => listener());
  await persister.removeClient();
}

let times = 0;
const listeners = new Set<() => void>();

/** How often something was forgotten. Screens that show it still must go as well: queries do not tell them. */
export const forgotten = {
  times: (): number => times,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** The user, after everything of another user has been forgotten, who may have logged in by another tab. */
export async function belongsTo(user: Schemas["User"]): Promise<Schemas["User"]> {
  const before = queryClient.getQueryData<Schemas["User"]>([ME]);
  if (before && before.id !== user.id) {
    await forget();
  }
  await setDeviceUser(user.id ?? "");
  return user;
}

/** Whether an error says that the user may no longer see what is kept of a thing, or there is nothing to see. */
export function hides(error: unknown, data: unknown): boolean {
  return Boolean(error) && (data === undefined || isGone(error) || isSignedOut(error));
}

/** Whether the thing is not there for this user: deleted, never there, or no longer theirs. */
export function isGone(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 404 || error.status === 403);
}
