// A client as somebody would write it. It compiles only while the document says what it relies on.
import type { components, operations, paths } from "./howmuch.js";

type Expense = components["schemas"]["Expense"];
type List = operations["ExpenseService_ListExpenses"];
type Status = List["responses"]["default"]["content"]["application/json"];

export async function expenses(base: string, token: string, eventId: string): Promise<Expense[]> {
  const path = "/v1/events/{eventId}/expenses" satisfies keyof paths;
  const query: NonNullable<List["parameters"]["query"]> = { pageSize: 100, fromDate: "2026-11-01" };
  const found: Expense[] = [];
  for (;;) {
    const url = new URL(path.replace("{eventId}", eventId), base);
    for (const [name, value] of Object.entries(query)) {
      url.searchParams.set(name, String(value));
    }
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) {
      throw new Error(reason((await answer.json()) as Status));
    }
    const page = (await answer.json()) as List["responses"]["200"]["content"]["application/json"];
    found.push(...(page.expenses ?? []));
    if (!page.nextPageToken) {
      return found;
    }
    query.pageToken = page.nextPageToken;
  }
}

export function dinner(payer: string): operations["ExpenseService_CreateExpense"]["requestBody"] {
  return {
    content: {
      "application/json": {
        reason: "Dinner",
        date: "2026-11-22",
        kind: "EXPENSE_KIND_EXPENSE",
        amount: "48.60",
        payments: [{ memberId: payer }],
        split: { equal: {} },
      },
    },
  };
}

// What a program decides by: the reason of a google.rpc.ErrorInfo, where there is one.
function reason(status: Status): string {
  const info = status.details.find((detail) => detail["@type"].endsWith("/google.rpc.ErrorInfo"));
  const found: unknown = info?.["reason"];
  return typeof found === "string" ? found : `${status.code}: ${status.message}`;
}
