/** Changes of others, as they happen: the watch stream of the event that is open. */

import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "../api/client.ts";
import { eventQuery } from "./queries.ts";

const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
// Many changes at once, as of an import, are asked for once.
const TOGETHER_MS = 100;

/** Keeps the queries of an event fresh while the component is shown. `since` is undefined until the event is known. */
export function useLiveEvent(eventId: string, since: string | undefined): void {
  const client = useQueryClient();
  const known = since !== undefined;
  useEffect(() => (known ? follow(client, eventId) : undefined), [client, eventId, known]);
}

/** Follows the stream until the returned function is called. */
function follow(client: QueryClient, eventId: string): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let refreshing: number | undefined;
  let wait = SHORTEST_WAIT_MS;

  function open(): void {
    const since = client.getQueryData(eventQuery(eventId).queryKey)?.revision ?? "0";
    const current = new EventSource(`/v1/events/${eventId}:watch?sinceRevision=${since}`);
    source = current;
    current.onopen = () => {
      wait = SHORTEST_WAIT_MS;
    };
    current.onmessage = (message: MessageEvent<string>) => {
      if (isNews(client, eventId, JSON.parse(message.data) as Schemas["Change"])) {
        refreshing ??= window.setTimeout(() => {
          refreshing = undefined;
          void refresh(client, eventId);
        }, TOGETHER_MS);
      }
    };
    current.onerror = () => {
      // The browser itself reconnects, with Last-Event-ID, unless the answer was an error.
      if (current.readyState === EventSource.CLOSED) {
        void client.invalidateQueries({ queryKey: ["event", eventId] });
        timer = window.setTimeout(open, wait + Math.random() * wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
    };
  }

  open();
  return () => {
    source?.close();
    window.clearTimeout(timer);
    window.clearTimeout(refreshing);
  };
}

/** Whether this device does not know of the change yet. It does if the change is its own. */
function isNews(client: QueryClient, eventId: string, change: Schemas["Change"]): boolean {
  const known = client.getQueryData(eventQuery(eventId).queryKey)?.revision ?? "0";
  return BigInt(change.revision ?? "0") > BigInt(known);
}

/** Asks again for everything of an event, and for what the first screen says of it. */
export async function refresh(client: QueryClient, eventId: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ["event", eventId] }),
    client.invalidateQueries({ queryKey: ["overview"] }),
    client.invalidateQueries({ queryKey: ["my-balances"] }),
  ]);
}
