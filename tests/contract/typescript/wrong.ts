// Each of these is a mistake, and the compiler has to say so.
import type { components, operations } from "./howmuch.js";

// @ts-expect-error: there is no such field
export const unknownField: components["schemas"]["Expense"]["reasons"] = "Dinner";

// @ts-expect-error: an expense needs a reason, a date and payments
export const lacksAll: components["schemas"]["Expense"] = {};

// @ts-expect-error: 64 bits are a string
export const revision: components["schemas"]["Event"]["revision"] = 7;

// @ts-expect-error: no such kind
export const kind: components["schemas"]["ExpenseKind"] = "EXPENSE_KIND_GIFT";

// @ts-expect-error: no such parameter
export const query: operations["ExpenseService_ListExpenses"]["parameters"]["query"] = { limit: 5 };
