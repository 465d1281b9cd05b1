/** What the form holds: every value as it was typed, so that nothing changes under the fingers. */

import type { Schemas } from "../../../api/client.ts";

export type Member = Schemas["Member"];
export type Kind = "EXPENSE_KIND_EXPENSE" | "EXPENSE_KIND_TRANSFER" | "EXPENSE_KIND_INCOME";
export type PartMode = "weights" | "percent" | "exact" | "adjusted";
export type Mode = "equal" | PartMode | "itemized";

export const MODES: readonly Mode[] = ["equal", "weights", "percent", "exact", "adjusted", "itemized"];

/** One line of a bill. key: tells the lines apart while they are edited. */
export interface Line {
  key: string;
  name: string;
  amount: string;
  memberIds: readonly string[];
}

export interface FormState {
  kind: Kind;
  amount: string;
  currency: string;
  reason: string;
  date: string;
  category: string;
  notes: string;
  /** A single payer pays it all. */
  payerIds: readonly string[];
  /** What each of several payers pays. */
  paid: Readonly<Record<string, string>>;
  /** Who gets the money of a payment. */
  receiverId: string;
  mode: Mode;
  /** For whom it is, but for a bill: its lines say so. */
  memberIds: readonly string[];
  /** Of each mode on its own, so that looking at another mode loses nothing. */
  parts: Readonly<Record<PartMode, Readonly<Record<string, string>>>>;
  lines: readonly Line[];
  tax: string;
  tip: string;
}

export const NO_PARTS: FormState["parts"] = { weights: {}, percent: {}, exact: {}, adjusted: {} };

export function isTransfer(state: FormState): boolean {
  return state.kind === "EXPENSE_KIND_TRANSFER";
}

export function newLine(memberIds: readonly string[]): Line {
  return { key: crypto.getRandomValues(new Uint32Array(2)).join("-"), name: "", amount: "", memberIds };
}

/** Without everybody else, such as members who have left meanwhile. */
export function onlyOf(state: FormState, memberIds: readonly string[]): FormState {
  const here = (id: string): boolean => memberIds.includes(id);
  return {
    ...state,
    payerIds: state.payerIds.filter(here),
    receiverId: here(state.receiverId) ? state.receiverId : "",
    memberIds: state.memberIds.filter(here),
    lines: state.lines.map((line) => ({ ...line, memberIds: line.memberIds.filter(here) })),
  };
}

/** The form for a new expense. memberIds: of those who are active; own: of who adds it. */
export function emptyState(given: {
  currency: string;
  date: string;
  own: string;
  memberIds: readonly string[];
}): FormState {
  const { own, memberIds, currency, date } = given;
  return {
    kind: "EXPENSE_KIND_EXPENSE",
    amount: "",
    currency,
    reason: "",
    date,
    category: "",
    notes: "",
    payerIds: own ? [own] : memberIds.slice(0, 1),
    paid: {},
    receiverId: "",
    mode: "equal",
    memberIds,
    parts: NO_PARTS,
    lines: [],
    tax: "",
    tip: "",
  };
}
