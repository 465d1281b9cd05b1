/** The filters of the list, as the address of the page has them. */

import type { ExpenseFilters } from "../../state/queries.ts";

const NAMES = {
  text: "q",
  memberId: "member",
  payerMemberId: "payer",
  category: "category",
  fromDate: "from",
  toDate: "to",
  currencyCode: "currency",
} as const satisfies Partial<Record<keyof ExpenseFilters, string>>;

export type FilterName = keyof typeof NAMES;

const FIELDS = Object.keys(NAMES) as FilterName[];
const DELETED = "deleted";

/** @param search the query of the address, with or without its question mark */
export function readFilters(search: string): ExpenseFilters {
  const query = new URLSearchParams(search);
  const filters: ExpenseFilters = {};
  for (const field of FIELDS) {
    const value = query.get(NAMES[field]);
    if (value) {
      filters[field] = value;
    }
  }
  return query.has(DELETED) ? { ...filters, onlyDeleted: true } : filters;
}

/** The query of the address, with its question mark; empty without filters. */
export function writeFilters(filters: ExpenseFilters): string {
  const query = new URLSearchParams();
  for (const field of FIELDS) {
    const value = filters[field];
    if (value) {
      query.set(NAMES[field], value);
    }
  }
  if (filters.onlyDeleted) {
    query.set(DELETED, "1");
  }
  const text = query.toString();
  return text && `?${text}`;
}

/** How many filters are set beside the text of the search. */
export function countFilters(filters: ExpenseFilters): number {
  return Object.entries(filters).filter(([name, value]) => name !== "text" && value).length;
}

/** The text as it is searched for: without the spaces around it, that are typed on the way. */
export function searched(filters: ExpenseFilters): ExpenseFilters {
  const { text = "", ...others } = filters;
  return text.trim() ? { ...others, text: text.trim() } : others;
}
