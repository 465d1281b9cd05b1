/** A server for the outbox, whose answers a test chooses. */

import { NoAnswer, Refusal } from "../../src/api/client.ts";
import type { Operation, Sent } from "../../src/outbox/operations.ts";
import type { Connection } from "../../src/outbox/outbox.ts";

export const ANA = "usr_ana";
export const LISBON = "evt_lisbon";

export interface Call {
  eventId: string;
  operation: Operation;
  key: string;
}

export class FakeConnection implements Connection {
  readonly calls: Call[] = [];
  readonly told: string[] = [];
  online = true;
  user = ANA;
  endedSessions = 0;
  storageKept = 0;
  /** What the server answers to each call. */
  answer: (call: Call) => Sent | Promise<Sent> = () => expense("v2");

  readonly isOnline = (): boolean => this.online;
  readonly isUser = (userId: string): Promise<boolean> => Promise.resolve(userId === this.user);
  readonly done = (eventId: string): void => void this.told.push(eventId);
  readonly signedOut = (): void => {
    this.endedSessions += 1;
  };
  readonly keepStorage = (): void => {
    this.storageKept += 1;
  };

  async perform(eventId: string, operation: Operation, key: string): Promise<Sent> {
    const call = { eventId, operation, key };
    this.calls.push(call);
    return this.answer(call);
  }
}

export function expense(etag: string): Sent {
  return { id: "exp_1", reason: "Dinner", payments: [], etag };
}

export function create(expenseId = "exp_1"): Operation {
  return { kind: "create", expenseId, expense: { reason: "Dinner", payments: [] } };
}

export function update(reason: string, etag?: string, expenseId = "exp_1"): Operation {
  return { kind: "update", expenseId, expense: { reason }, ...(etag && { etag }) };
}

export function comment(text: string, expenseId = "exp_1"): Operation {
  return { kind: "comment", expenseId, text };
}

export function unreachable(): never {
  throw new NoAnswer("no answer within 10 s");
}

export function refuses(status: number, reason = "", retryAfterSeconds?: number): () => never {
  return () => {
    throw new Refusal(status, reason, `refused: ${reason}`, retryAfterSeconds);
  };
}

/** A promise, and how a test resolves it. */
export function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
