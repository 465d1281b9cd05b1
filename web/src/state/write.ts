/** Writes that need the network: everything but expenses and comments, which go by the outbox. */

import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { Refusal } from "../api/client.ts";
import { refresh } from "./live.ts";

/** A write to an event. What the screens know of it is asked for again afterwards, also if the write failed. */
export function useEventWrite<Answer, Given = void>(
  eventId: string,
  write: (given: Given) => Promise<Answer>,
): UseMutationResult<Answer, Error, Given> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () => refresh(client, eventId),
    // Not waited for: where howmuch does not answer, the screen says so at once.
    onError: () => void refresh(client, eventId),
  });
}

/**
 * What is wrong with a field of a request, in the server's words.
 *
 * @param field the last part of its path, in the form of the API, such as `weightDecimal`
 */
export function faultOf(error: unknown, field: string): string | undefined {
  const violations = error instanceof Refusal ? error.violations : [];
  return violations.find((each) => each.field.split(".").at(-1) === field)?.description;
}

/** Whether every fault of an error stands at one of these fields, so that nothing else need be said. */
export function isAtFields(error: unknown, fields: readonly string[]): boolean {
  const violations = error instanceof Refusal ? error.violations : [];
  return (
    violations.length > 0 && violations.every(({ field }) => fields.includes(field.split(".").at(-1) ?? ""))
  );
}
