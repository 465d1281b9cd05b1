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
  const isKnown = since !== undefined;
  useEffect(() => (isKnown ? follow(client, eventId) : undefined), [client, eventId, isKnown]);
}

/**
 * Follows the stream until the returned function is called. A hidden page does not: browsers allow six connections to
 * a server, for all their tabs together.
 */
function follow(client: QueryClient, eventId: string): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let refreshing: number | undefined;
  let wait = SHORTEST_WAIT_MS;

  function open(): void {
    const current = new EventSource(`/v1/events/${eventId}:watch?sinceRevision=${known(client, eventId)}`);
    source = current;
    current.onopen = () => {
      wait = SHORTEST_WAIT_MS;
    };
    current.onmessage = (message: MessageEvent<string>) => {
      const { revision = "0" } = JSON.parse(message.data) as Schemas["Change"];
      if (BigInt(revision) > known(client, eventId)) {
        refreshing ??= window.setTimeout(refreshNow, TOGETHER_MS);
      }
    };
    current.onerror = () => {
      // The browser itself reconnects, with Last-Event-ID, unless the answer was an error.
      if (current.readyState === EventSource.CLOSED) {
        refreshNow();
        timer = window.setTimeout(open, wait + Math.random() * wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
    };
  }

  function close(): void {
    source?.close();
    window.clearTimeout(timer);
  }

  function refreshNow(): void {
    refreshing = undefined;
    void refresh(client, eventId);
  }

  function showOrHide(): void {
    close();
    if (document.visibilityState === "visible") {
      open();
    }
  }

  showOrHide();
  document.addEventListener("visibilitychange", showOrHide);
  return () => {
    document.removeEventListener("visibilitychange", showOrHide);
    window.clearTimeout(refreshing);
    close();
  };
}

/** The revision of each event up to which its queries were asked again. */
const refreshed = new Map<string, bigint>();

function known(client: QueryClient, eventId: string): bigint {
  return refreshed.get(eventId) ?? revisionOf(client, eventId);
}

function revisionOf(client: QueryClient, eventId: string): bigint {
  return BigInt(client.getQueryData(eventQuery(eventId).queryKey)?.revision ?? "0");
}

/**
 * Asks again for everything of an event that is shown, and for what the first screen says of it. The event comes first:
 * what is read after it is at least as new as its revision.
 */
export async function refresh(client: QueryClient, eventId: string): Promise<void> {
  const { queryKey } = eventQuery(eventId);
  await client.invalidateQueries({ queryKey });
  const revision = revisionOf(client, eventId);
  const isRest = ({ queryKey: key }: { queryKey: readonly unknown[] }) => key[2] !== queryKey[2];
  await Promise.all([
    client.invalidateQueries({ queryKey: ["event", eventId], predicate: isRest }),
    client.invalidateQueries({ queryKey: ["overview"] }),
    client.invalidateQueries({ queryKey: ["my-balances"] }),
  ]);
  refreshed.set(eventId, revision);
}
