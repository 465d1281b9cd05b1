/**
 * The user who is logged in on this device, as all its tabs know it. The session is in a cookie, which tabs share; what
 * a tab has in its memory may still be of another user.
 */

import { createStore, get, set } from "idb-keyval";

const KEY = "user";
const store = createStore("howmuch-session", "session");
const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("howmuch-session");

/** The id of the user; empty after a log-out; undefined if this device does not say. */
export async function deviceUser(): Promise<string | undefined> {
  return get<string>(KEY, store).catch(() => undefined);
}

/** Empty: nobody, after a log-out. */
export async function setDeviceUser(userId: string): Promise<void> {
  if ((await deviceUser()) !== userId) {
    await set(KEY, userId, store).catch(() => undefined);
    channel?.postMessage(userId);
  }
}

/** Calls the listener with the user's id when another tab has logged in or out. */
export function onOtherTab(listener: (userId: string) => void): () => void {
  const hear = ({ data }: MessageEvent<string>): void => listener(data);
  channel?.addEventListener("message", hear);
  return () => channel?.removeEventListener("message", hear);
}
