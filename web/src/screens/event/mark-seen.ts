import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, body } from "../../api/client.ts";
import { overviewQuery } from "../../state/queries.ts";

// What this page has marked already, by event. The server knows what other devices have.
const marked = new Map<string, string>();

/** Marks the changes of an event as read, while the user looks at what they changed. */
export function useMarkSeen(eventId: string, revision: string | undefined, looking: boolean): void {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: async (seen: string) =>
      body(await api.POST("/v1/users/me:markSeen", { body: { eventId, revision: seen } })),
    onSuccess: () => client.invalidateQueries(overviewQuery),
    // It is marked at the next revision, or when the event is opened again.
    onError: () => marked.delete(eventId),
  });
  useEffect(() => {
    function mark(): void {
      const visible = document.visibilityState === "visible";
      if (looking && visible && revision !== undefined && marked.get(eventId) !== revision) {
        marked.set(eventId, revision);
        mutate(revision);
      }
    }
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [eventId, revision, looking, mutate]);
}
