/** The rows of the tables of totals, in their order. */

import type { Schemas } from "../../api/client.ts";
import { descending } from "../../money/ratio.ts";

type Totals = Schemas["CurrencyTotals"];

/** From the largest part to the smallest. */
export function memberRows({ byMember = [] }: Totals) {
  return byMember.toSorted((one, other) => descending(one.owed, other.owed));
}

/** From the most expensive to the least; expenses without a category last. */
export function categoryRows({ byCategory = [] }: Totals) {
  return byCategory.toSorted(
    (one, other) => Number(!one.category) - Number(!other.category) || descending(one.total, other.total),
  );
}

/** From the first month to the last. */
export function monthRows({ byMonth = [] }: Totals): readonly { month: string; total: string }[] {
  return byMonth.map(({ month = "", total = "0" }) => ({ month, total }));
}

/** The first and the last day of a month, `YYYY-MM`. */
export function daysOf(month: string): { fromDate: string; toDate: string } {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { fromDate: `${month}-01`, toDate: `${month}-${days.toString().padStart(2, "0")}` };
}
