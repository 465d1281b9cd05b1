/**
 * Writes that wait for a network. Each is kept on this device before it is sent, and removed once the server has
 * answered, so that closing the browser loses none. They are sent in the order in which they were made. A write that
 * the server refuses stays until the user decides what becomes of it.
 */

import { isSignedOut, isUnreachable, Refusal, sessionEnded } from "../api/client.ts";
import { newKey } from "../api/ids.ts";
import { Forms } from "./forms.ts";
import { oneAtATime } from "./lock.ts";
import type { Operation, Sent } from "./operations.ts";
import { answered, correctionOf, discarded, nextOf, refused, replaced } from "./queue.ts";
import { Retries } from "./retries.ts";
import type { OutboxStore, Write } from "./store.ts";

/** What became of a write: the answer, or that it waits for a network. */
export type Outcome = { sent: Sent } | { waiting: true };

/** This device could not keep the write, and there is no network to send it by. The form still has what was typed. */
export class NotKept extends Error {}

export interface Connection {
  /** Whether a try makes sense. */
  isOnline: () => boolean;
  /** Whether this user is still the one of the session. Another tab may have logged out, or in as somebody else. */
  isUser: (userId: string) => Promise<boolean>;
  perform: (eventId: string, operation: Operation, key: string) => Promise<Sent>;
  /** Called after each answer, with the event that it concerns. */
  done: (eventId: string) => void;
  /** Called when the session is found to have ended. What waits is sent after the next `open`. */
  signedOut: () => void;
  /** Called when a write waits: the browser should not throw away what this device keeps. */
  keepStorage: () => void;
}

export class Outbox {
  private writes: readonly Write[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly forms = new Forms();
  private readonly retries = new Retries(() => void this.pump());
  private readonly alone = oneAtATime("howmuch-outbox");
  private userId = "";
  private pumping = false;
  private again = false;

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

  /** Sends what waits of this user, now and whenever something is added. Empty: nobody, as after a log-out. */
  async open(userId: string): Promise<void> {
    this.userId = userId;
    this.show(await this.store.read().catch(() => []));
    await this.pump();
  }

  /**
   * Keeps a write, and sends it. A change of an expense whose last write was refused corrects that write.
   *
   * @throws Refusal if the server refuses it at once, or nobody is logged in; then nothing is kept
   * @throws NotKept if this device keeps nothing and the server does not answer
   */
  async add(eventId: string, operation: Operation): Promise<Outcome> {
    const correction = correctionOf(this.writes, operation);
    if (correction) {
      return this.replace(correction.key, eventId, correction.operation);
    }
    const write = this.written(eventId, operation);
    try {
      this.show(await this.store.change((writes) => [...writes, write]));
    } catch {
      return this.sendUnkept(write);
    }
    return this.outcome(write.key, false);
  }

  /**
   * Puts a write in the place of one that waits or was refused, and sends it.
   *
   * @throws Refusal if the server refuses it at once; then it is kept, as refused
   */
  async replace(key: string, eventId: string, operation: Operation): Promise<Outcome> {
    // A new key: the server remembers the old one with what was sent before.
    const write = this.written(eventId, operation);
    await this.alone(async () => {
      this.show(await this.store.change((writes) => replaced(writes, key, write)));
    });
    return this.outcome(write.key, true);
  }

  /** Sends a refused write again as it is. */
  async retry(key: string): Promise<void> {
    this.show(await this.store.change((writes) => refused(writes, key, undefined)));
    await this.pump();
  }

  /** Throws a write away. One that is under way is waited for, so that none is sent afterwards. */
  async discard(key: string): Promise<void> {
    await this.alone(async () => {
      this.show(await this.store.change((writes) => discarded(writes, key)));
    });
    await this.pump();
  }

  /** Sends what waits now, without waiting for the next try. Never rejects. */
  async pump(): Promise<void> {
    this.again = true;
    if (this.pumping) {
      return;
    }
    this.pumping = true;
    try {
      while (this.again) {
        this.again = false;
        await this.alone(() => this.sendAll());
      }
    } catch {
      // The store failed. What it keeps is sent again, with the same keys, which the server knows.
      this.retries.after(this.retries.next());
    } finally {
      this.pumping = false;
      this.forms.tellAll({ waiting: true });
    }
  }

  private written(eventId: string, operation: Operation): Write {
    const { userId } = this;
    if (!userId) {
      throw sessionEnded();
    }
    return { key: newKey(), userId, eventId, operation, madeAt: new Date().toISOString() };
  }

  /** Sends a write that this device could not keep, while its form waits. */
  private async sendUnkept(write: Write): Promise<Outcome> {
    if (!(await this.connection.isUser(write.userId))) {
      throw sessionEnded();
    }
    try {
      const sent = await this.connection.perform(write.eventId, write.operation, write.key);
      this.connection.done(write.eventId);
      return { sent };
    } catch (error) {
      throw isUnreachable(error) ? new NotKept("This device keeps nothing.", { cause: error }) : error;
    }
  }

  private outcome(key: string, keep: boolean): Promise<Outcome> {
    const outcome = this.forms.wait(key, keep);
    void this.pump();
    return outcome;
  }

  private async sendAll(): Promise<void> {
    this.retries.stop();
    for (let next = await this.next(); next; next = await this.next()) {
      const waitMs = await this.send(next);
      if (waitMs !== undefined) {
        this.connection.keepStorage();
        this.retries.after(waitMs);
        return;
      }
      this.retries.succeeded();
    }
  }

  /** The first write that may be sent. Another tab may have sent some meanwhile. */
  private async next(): Promise<Write | undefined> {
    this.show(await this.store.read());
    return this.userId ? nextOf(this.writes) : undefined;
  }

  /** @returns undefined if the server answered; else the time until the next try, infinite if the session has ended */
  private async send(write: Write): Promise<number | undefined> {
    const { connection } = this;
    if (!connection.isOnline()) {
      return this.retries.next();
    }
    if (!(await connection.isUser(write.userId))) {
      connection.signedOut();
      return Infinity;
    }
    let sent: Sent;
    try {
      sent = await connection.perform(write.eventId, write.operation, write.key);
    } catch (error) {
      return this.failed(write, error);
    }
    try {
      this.show(await this.store.change((writes) => answered(writes, write, sent)));
    } finally {
      this.forms.take(write.key)?.done({ sent });
      connection.done(write.eventId);
    }
    return undefined;
  }

  private async failed(write: Write, error: unknown): Promise<number | undefined> {
    const askedMs = error instanceof Refusal ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    if (isSignedOut(error)) {
      this.connection.signedOut();
      return Infinity;
    }
    if (isUnreachable(error) || (error instanceof Refusal && error.status === 429 && askedMs > 0)) {
      return Math.max(askedMs, this.retries.next());
    }
    // The form that is still open shows the error, and has what was typed. From here on, its patience cannot end.
    const waiter = this.forms.take(write.key);
    const { status, reason, message, violations } =
      error instanceof Refusal ? error : new Refusal(0, "", String(error));
    const why = { status, reason, message, violations };
    try {
      this.show(
        await this.store.change((writes) =>
          waiter && !waiter.keep ? discarded(writes, write.key) : refused(writes, write.key, why),
        ),
      );
    } finally {
      waiter?.failed(error);
      this.connection.done(write.eventId);
    }
    return undefined;
  }

  private show(all: readonly Write[]): void {
    const writes = all.filter((write) => write.userId === this.userId);
    if (writes.length > 0 || this.writes.length > 0) {
      this.writes = writes;
      this.listeners.forEach((listener) => listener());
    }
  }
}
