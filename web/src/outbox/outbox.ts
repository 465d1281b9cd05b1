/**
 * Writes that wait for a network. Each is kept on this device before it is sent, and removed once the server has
 * answered, so that closing the browser loses none. They are sent in the order in which they were made. A write that
 * the server refuses stays until the user decides what becomes of it.
 */

import { isSignedOut, isUnreachable, Refusal } from "../api/client.ts";
import { newKey } from "../api/ids.ts";
import type { Operation, Sent } from "./operations.ts";
import type { OutboxStore, Write } from "./store.ts";

/** What became of a write: the answer, or that it waits for a network. */
export type Outcome = { sent: Sent } | { waiting: true };

interface Waiter {
  done: (outcome: Outcome) => void;
  failed: (error: unknown) => void;
}

export interface Connection {
  /** Whether a try makes sense. */
  isOnline: () => boolean;
  perform: (eventId: string, operation: Operation, key: string) => Promise<Sent>;
  /** Called after each answer, with the event that it concerns. */
  done: (eventId: string) => void;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
// After this time without an answer, a form need not stay open: the write is safe on this device.
const PATIENCE_MS = 4000;

export class Outbox {
  private writes: readonly Write[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Map<string, Waiter>();
  private userId = "";
  private pumping = false;
  private again = false;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: OutboxStore,
    private readonly connection: Connection,
  ) {}

  /** The writes of the user who is logged in. The same array until it changes. */
  readonly current = (): readonly Write[] => this.writes;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Sends what waits of this user, now and whenever something is added. Empty: nobody is logged in. */
  async open(userId: string): Promise<void> {
    this.userId = userId;
    this.show(await this.store.read());
    await this.pump();
  }

  /**
   * Keeps a write, and sends it.
   *
   * @throws Refusal if the server refuses it at once; then nothing is kept
   */
  async add(eventId: string, operation: Operation): Promise<Outcome> {
    const key = newKey();
    const write: Write = { key, userId: this.userId, eventId, operation, madeAt: new Date().toISOString() };
    this.show(await this.store.change((writes) => [...writes, write]));
    const outcome = new Promise<Outcome>((done, failed) => this.waiting.set(key, { done, failed }));
    const timer = setTimeout(() => this.settle(key, ({ done }) => done({ waiting: true })), PATIENCE_MS);
    void this.pump();
    return outcome.finally(() => clearTimeout(timer));
  }

  /** Forgets a write that the server refused. */
  async discard(key: string): Promise<void> {
    this.show(await this.store.change((writes) => writes.filter((write) => write.key !== key)));
  }

  /** Sends what waits now, without waiting for the next try. */
  async pump(): Promise<void> {
    this.again = true;
    if (this.pumping) {
      return;
    }
    this.pumping = true;
    clearTimeout(this.timer);
    try {
      while (this.again) {
        this.again = false;
        await alone(() => this.sendAll());
      }
    } finally {
      this.pumping = false;
      this.tellWaiting();
    }
  }

  private async sendAll(): Promise<void> {
    for (let next = await this.next(); next; next = await this.next()) {
      if (!(await this.send(next))) {
        this.timer = setTimeout(() => void this.pump(), this.retryMs);
        this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
        return;
      }
      this.retryMs = FIRST_RETRY_MS;
    }
  }

  /** The first write that waits. Another tab may have sent some meanwhile. */
  private async next(): Promise<Write | undefined> {
    this.show(await this.store.read());
    return this.userId ? this.writes.find((write) => !write.refused) : undefined;
  }

  /** Whether the server answered. */
  private async send(write: Write): Promise<boolean> {
    try {
      if (!this.connection.isOnline()) {
        return false;
      }
      const sent = await this.connection.perform(write.eventId, write.operation, write.key);
      this.show(await this.store.change((writes) => answered(writes, write, sent)));
      this.settle(write.key, (waiting) => waiting.done({ sent }));
    } catch (error) {
      if (isUnreachable(error) || isSignedOut(error)) {
        return false;
      }
      await this.refuse(write, error);
    }
    this.connection.done(write.eventId);
    return true;
  }

  private async refuse(write: Write, error: unknown): Promise<void> {
    const { status, reason, message, violations } =
      error instanceof Refusal ? error : new Refusal(0, "", String(error));
    const asked = this.waiting.has(write.key);
    const refused = { ...write, refused: { status, reason, message, violations } };
    // The form that is still open shows the error, and has what was typed.
    this.show(
      await this.store.change((writes) =>
        writes.flatMap((each) => (each.key !== write.key ? [each] : asked ? [] : [refused])),
      ),
    );
    this.settle(write.key, (waiting) => waiting.failed(error));
  }

  private settle(key: string, tell: (waiting: Waiter) => void): void {
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    if (waiting) {
      tell(waiting);
    }
  }

  /** Who still waits for an answer learns that there is none yet. */
  private tellWaiting(): void {
    for (const key of [...this.waiting.keys()]) {
      this.settle(key, (waiting) => waiting.done({ waiting: true }));
    }
  }

  private show(all: readonly Write[]): void {
    this.writes = all.filter((write) => write.userId === this.userId);
    this.listeners.forEach((listener) => listener());
  }
}

/** The writes without one that was answered. Later writes to the same expense go on from its new etag. */
export function answered(writes: readonly Write[], write: Write, sent: Sent): Write[] {
  const etag = "etag" in sent ? sent.etag : undefined;
  const { operation } = write;
  const before = "etag" in operation ? operation.etag : undefined;
  return writes
    .filter((each) => each.key !== write.key)
    .map((each) => {
      const follows =
        etag !== undefined &&
        each.operation.expenseId === operation.expenseId &&
        each.operation.kind !== "create" &&
        each.operation.kind !== "comment" &&
        each.operation.etag === before;
      return follows ? { ...each, operation: { ...each.operation, etag } } : each;
    });
}

/** Only one tab sends at a time, where the browser can tell. The idempotency keys guard the rest. */
async function alone(work: () => Promise<void>): Promise<void> {
  const { locks } = globalThis.navigator as { locks?: LockManager };
  await (locks ? locks.request("howmuch-outbox", work) : work());
}
