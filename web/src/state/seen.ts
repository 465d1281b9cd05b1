/** Which changes of an event the user had read before they came to it, and that they read the others now. */

import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { api, body } from "../api/client.ts";
import { overviewQuery } from "./queries.ts";

// After this time, somebody who looks again comes anew.
const VISIT_MS = 30 * 60_000;

interface Visit {
  /** Revision up to which the user had read when they came; undefined if the server does not say. */
  before: string | undefined;
  marked: string;
  lookedAt: number;
}

const visits = new Map<string, Visit>();
const listeners = new Set<() => void>();

/** Marks the changes of an event as read, while the user looks at what they changed. */
export function useMarkSeen(eventId: string, revision: string | undefined, looking: boolean): void {
  const client = useQueryClient();
  const { mutate } = useMutation({
    scope: { id: `seen ${eventId}` },
    mutationFn: (seen: string) => look(client, eventId, seen),
  });
  useEffect(() => {
    function mark(): void {
      if (looking && revision !== undefined && document.visibilityState === "visible") {
        mutate(revision);
      }
    }
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [eventId, revision, looking, mutate]);
}

/** The revision up to which the user had read when they came to the event; undefined while it is not known. */
export function useSeenBefore(eventId: string): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => visits.get(eventId)?.before,
  );
}

/** One look at a time, see `scope`. */
async function look(client: QueryClient, eventId: string, revision: string): Promise<void> {
  const now = Date.now();
  const last = visits.get(eventId);
  const visit = last && now - last.lookedAt < VISIT_MS ? last : await newVisit(client, eventId);
  visit.lookedAt = now;
  if (BigInt(revision) > BigInt(visit.marked)) {
    body(await api.POST("/v1/users/me:markSeen", { body: { eventId, revision } }));
    visit.marked = revision;
    await client.invalidateQueries(overviewQuery);
  }
}

async function newVisit(client: QueryClient, eventId: string): Promise<Visit> {
  const { pages } = await client.infiniteQuery(overviewQuery);
  const mine = pages
    .flatMap(({ events = [], archivedEvents = [] }) => [...events, ...archivedEvents])
    .find(({ event }) => event?.id === eventId);
  const before = mine && (mine.seenRevision ?? "0");
  const visit = { before, marked: before ?? "0", lookedAt: 0 };
  visits.set(eventId, visit);
  listeners.forEach((listener) => listener());
  return visit;
}
