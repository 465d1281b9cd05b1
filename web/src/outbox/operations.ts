/** The writes that may wait for a network, and how each is sent. */

import { api, body, type Schemas } from "../api/client.ts";
import { localTimeZone } from "../dates.ts";

export type ExpenseBody = Schemas["UpdateExpenseBody"];

export type Operation =
  | { kind: "create"; expenseId: string; expense: Schemas["Expense"] }
  | { kind: "update"; expenseId: string; expense: ExpenseBody; etag?: string }
  | { kind: "delete"; expenseId: string; etag?: string }
  | { kind: "undelete"; expenseId: string; etag?: string }
  | { kind: "restore"; expenseId: string; version: number; etag?: string }
  | { kind: "comment"; expenseId: string; text: string };

export type Sent = Schemas["Expense"] | Schemas["Comment"];

/**
 * Sends one operation.
 *
 * @param key the idempotency key: the server does the same write once, however often it is sent
 * @throws Refusal, NoAnswer, TypeError
 */
export async function perform(eventId: string, operation: Operation, key: string): Promise<Sent> {
  const { expenseId } = operation;
  const path = { eventId, expenseId };
  const header = { "Idempotency-Key": key };
  switch (operation.kind) {
    case "create": {
      const query = { expenseId, timeZone: localTimeZone() };
      const params = { path: { eventId }, query, header };
      return body(await api.POST("/v1/events/{eventId}/expenses", { params, body: operation.expense }));
    }
    case "update": {
      const changed = { ...operation.expense, ...etagOf(operation) };
      const params = { path, header };
      return body(await api.PATCH("/v1/events/{eventId}/expenses/{expenseId}", { params, body: changed }));
    }
    case "delete": {
      const params = { path, header, query: etagOf(operation) };
      return body(await api.DELETE("/v1/events/{eventId}/expenses/{expenseId}", { params }));
    }
    case "undelete": {
      const given = { params: { path, header }, body: etagOf(operation) };
      return body(await api.POST("/v1/events/{eventId}/expenses/{expenseId}:undelete", given));
    }
    case "restore": {
      const given = { params: { path, header }, body: { version: operation.version, ...etagOf(operation) } };
      return body(await api.POST("/v1/events/{eventId}/expenses/{expenseId}:restore", given));
    }
    case "comment": {
      const given = { params: { path, header }, body: { text: operation.text } };
      return body(await api.POST("/v1/events/{eventId}/expenses/{expenseId}/comments", given));
    }
  }
}

function etagOf(operation: { etag?: string }): { etag?: string } {
  return operation.etag ? { etag: operation.etag } : {};
}
