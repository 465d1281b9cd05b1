import { typeid } from "typeid-js";

/** An id that this device chooses, so that a write can be named before the server has seen it. */
export function newExpenseId(): string {
  return typeid("exp").toString();
}

export function newEventId(): string {
  return typeid("evt").toString();
}

/** The key by which the server knows a repeated write: 128 random bits. */
export function newKey(): string {
  return typeid().toString();
}
