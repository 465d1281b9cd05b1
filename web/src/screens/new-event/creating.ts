/** The writes of a new event. Each can be repeated: nothing is there twice. */

import { api, body, Refusal } from "../../api/client.ts";
import { newKey } from "../../api/ids.ts";

export interface NewEvent {
  name: string;
  currencyCode: string;
}

/** Somebody who is to be added. key: of the write. added: the server has them. fault: why they are not added. */
export interface Friend {
  readonly id: string;
  key: string;
  name: string;
  email: string;
  added: boolean;
  fault?: unknown;
}

export function newFriend(name: string): Friend {
  return { id: newKey(), key: newKey(), name, email: "", added: false };
}

/** A changed friend is another write. */
export function changed(friend: Friend, change: { name?: string; email?: string }): Friend {
  const { id, name, email } = friend;
  return { id, key: newKey(), name, email, added: false, ...change };
}

/** The names in what was typed: one, or several with commas between them. */
export function namesIn(typed: string): string[] {
  return typed
    .split(/[,;\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/**
 * Creates the event with this id, or gives an event of an earlier try the values of now.
 *
 * @throws Refusal, NoAnswer, TypeError
 */
export async function createEvent(eventId: string, event: NewEvent): Promise<void> {
  try {
    body(await api.POST("/v1/events", { params: { query: { eventId } }, body: event }));
  } catch (error) {
    if (!(error instanceof Refusal && error.reason === "EVENT_ID_TAKEN")) {
      throw error;
    }
    body(await api.PATCH("/v1/events/{eventId}", { params: { path: { eventId } }, body: event }));
  }
}

/** Adds a guest, and says what became of it. */
export async function addFriend(eventId: string, friend: Friend): Promise<Friend> {
  const { id, key, name, email } = friend;
  try {
    const params = { path: { eventId }, header: { "Idempotency-Key": key } };
    body(await api.POST("/v1/events/{eventId}/members", { params, body: { name, ...(email && { email }) } }));
    return { id, key, name, email, added: true };
  } catch (fault) {
    return { id, key, name, email, added: false, fault };
  }
}
