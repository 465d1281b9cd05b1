import { useQueryClient, type InfiniteData } from "@tanstack/react-query";
import type { Schemas } from "../../api/client.ts";

/** The expense as a list of the event had it, so that it opens at once, and without a network. */
export function useListed(eventId: string, expenseId: string): Schemas["Expense"] | undefined {
  const lists = useQueryClient().getQueriesData<InfiniteData<Schemas["ListExpensesResponse"]>>({
    queryKey: ["event", eventId, "expenses"],
  });
  for (const [, list] of lists) {
    for (const page of list?.pages ?? []) {
      const found = page.expenses?.find((expense) => expense.id === expenseId);
      if (found) {
        return found;
      }
    }
  }
  return undefined;
}
