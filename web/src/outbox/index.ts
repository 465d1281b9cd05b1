import { useSyncExternalStore } from "react";
import { deviceUser } from "../state/device.ts";
import { refresh } from "../state/live.ts";
import { meQuery } from "../state/queries.ts";
import { queryClient } from "../state/query-client.ts";
import { perform } from "./operations.ts";
import { Outbox } from "./outbox.ts";
import { indexedDbStore, memoryStore, type Write } from "./store.ts";

export type { Operation } from "./operations.ts";
export { NotKept } from "./outbox.ts";
export type { Write } from "./store.ts";

export const outbox = new Outbox(typeof indexedDB === "undefined" ? memoryStore() : indexedDbStore(), {
  isOnline: () => navigator.onLine,
  isUser: async (userId) => [userId, undefined].includes(await deviceUser()),
  perform,
  done: (eventId) => void refresh(queryClient, eventId),
  signedOut: () => void queryClient.invalidateQueries(meQuery),
  keepStorage,
});

let isStorageKept = false;

/** Asks the browser once to keep what waits, also when the disk gets full. Some browsers ask the user. */
function keepStorage(): void {
  // Only on HTTPS and on this machine.
  const { storage } = navigator as Partial<Navigator>;
  if (!isStorageKept && storage) {
    isStorageKept = true;
    void storage.persist().catch(() => undefined);
  }
}

window.addEventListener("online", () => void outbox.pump());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    void outbox.pump();
  }
});

/** The writes of an event that wait or were refused, in the order in which they were made. */
export function useWrites(eventId?: string): readonly Write[] {
  const all = useSyncExternalStore(outbox.subscribe, outbox.current);
  return eventId === undefined ? all : all.filter((write) => write.eventId === eventId);
}
