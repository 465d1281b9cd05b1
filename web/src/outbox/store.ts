/** The outbox on this device: writes in the order in which they were made, in IndexedDB. */

import { createStore, get, update } from "idb-keyval";
import type { FieldViolation } from "howmuch-client/rest";
import type { Operation } from "./operations.ts";

/** A write that has not been answered. refused: why the server will not do it; absent while it waits. */
export interface Write {
  key: string;
  userId: string;
  eventId: string;
  operation: Operation;
  madeAt: string;
  refused?: { status: number; reason: string; message: string; violations: readonly FieldViolation[] };
}

const KEY = "writes";

export interface OutboxStore {
  read: () => Promise<Write[]>;
  /** Replaces the writes by what the function makes of them, in one transaction. */
  change: (make: (writes: Write[]) => Write[]) => Promise<Write[]>;
}

export function indexedDbStore(name = "howmuch-outbox"): OutboxStore {
  const store = createStore(name, "writes");
  return {
    read: async () => (await get<Write[]>(KEY, store)) ?? [],
    async change(make) {
      let made: Write[] = [];
      await update<Write[]>(KEY, (writes) => (made = make(writes ?? [])), store);
      return made;
    },
  };
}

/** Lasts as long as the page, where a browser refuses IndexedDB. */
export function memoryStore(): OutboxStore {
  let writes: Write[] = [];
  return {
    read: () => Promise.resolve(writes),
    change: (make) => Promise.resolve((writes = make(writes))),
  };
}
