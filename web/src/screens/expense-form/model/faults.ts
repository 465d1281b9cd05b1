/** What keeps a form from being saved, by field: the rules of the server that can be checked here. */

import { parseAmount } from "../../../money/amount.ts";
import { WEIGHT_DIGITS } from "../../../money/split.ts";
import { digitsOf, figuresOf, type Figures } from "./figures.ts";
import { isTransfer, type FormState, type PartMode } from "./form-state.ts";

export type FaultCode =
  | "amount-missing"
  | "amount-wrong"
  | "amount-not-whole"
  | "amount-too-large"
  | "reason-missing"
  | "reason-long"
  | "date-missing"
  | "category-long"
  | "notes-long"
  | "payer-missing"
  | "paid-differs"
  | "receiver-missing"
  | "receiver-pays"
  | "nobody"
  | "number-wrong"
  | "negative"
  | "weights-zero"
  | "ungiven"
  | "part-negative"
  | "no-lines"
  | "line-nobody";

/** Field to fault. Fields: `amount`, `paid.MEMBER`, `part.MEMBER`, `line.KEY.amount`, … in the order of the form. */
export type Faults = ReadonlyMap<string, FaultCode>;

const LARGEST = 9_999_999_999_999n;
const LONGEST_REASON = 1000;
const LONGEST_CATEGORY = 100;
const LONGEST_NOTES = 10_000;

type Add = (field: string, code: FaultCode | undefined | false) => void;

export function faultsOf(state: FormState, digits: number): Faults {
  const faults = new Map<string, FaultCode>();
  const add: Add = (field, code) => {
    if (code && !faults.has(field)) {
      faults.set(field, code);
    }
  };
  const figures = figuresOf(state, digits, "");
  add("amount", amountFault(state.amount, digits));
  add("reason", !state.reason.trim() && !isTransfer(state) && "reason-missing");
  add("reason", state.reason.length > LONGEST_REASON && "reason-long");
  payerFaults(add, state, figures, digits);
  if (isTransfer(state)) {
    add("receiver", !state.receiverId && "receiver-missing");
    add("receiver", state.payerIds.includes(state.receiverId) && "receiver-pays");
  } else {
    splitFaults(add, state, figures, digits);
  }
  add("date", !/^\d{4}-\d\d-\d\d$/.test(state.date) && "date-missing");
  add("category", state.category.length > LONGEST_CATEGORY && "category-long");
  add("notes", state.notes.length > LONGEST_NOTES && "notes-long");
  return faults;
}

function amountFault(typed: string, digits: number): FaultCode | undefined {
  if (!typed.trim()) {
    return "amount-missing";
  }
  const units = parseAmount(typed, digits);
  if (units === undefined || units <= 0n) {
    return digits === 0 ? "amount-not-whole" : "amount-wrong";
  }
  return units > LARGEST ? "amount-too-large" : undefined;
}

function payerFaults(add: Add, state: FormState, figures: Figures, digits: number): void {
  add("payers", !state.payerIds.length && "payer-missing");
  if (state.payerIds.length > 1) {
    for (const id of state.payerIds) {
      add(`paid.${id}`, amountFault(state.paid[id] ?? "", digits) && "amount-wrong");
    }
    add("payers", figures.amount !== undefined && figures.unpaid !== 0n && "paid-differs");
  }
}

function splitFaults(add: Add, state: FormState, figures: Figures, digits: number): void {
  if (state.mode === "itemized") {
    lineFaults(add, state, digits);
  } else {
    add("members", !state.memberIds.length && "nobody");
    if (state.mode !== "equal") {
      partFaults(add, state, state.mode, digits);
    }
  }
  add("split", figures.amount !== undefined && figures.ungiven !== 0n && "ungiven");
  if (state.mode === "adjusted" && figures.amount !== undefined && state.memberIds.length) {
    add("split", !figures.owed && "part-negative");
  }
}

function partFaults(add: Add, state: FormState, mode: PartMode, digits: number): void {
  const typed = state.parts[mode];
  const partDigits = digitsOf(mode, digits);
  for (const id of state.memberIds) {
    const text = typed[id]?.trim() ?? "";
    add(`part.${id}`, numberFault(text, partDigits, mode === "adjusted"));
  }
  const units = state.memberIds.map((id) => parseAmount(typed[id] ?? "", WEIGHT_DIGITS) ?? 0n);
  add("split", mode === "weights" && units.every((each) => each === 0n) && "weights-zero");
}

/** Empty means zero. */
function numberFault(text: string, digits: number, signed = false): FaultCode | undefined {
  if (!text) {
    return undefined;
  }
  const units = parseAmount(text, digits);
  return units === undefined ? "number-wrong" : units < 0n && !signed ? "negative" : undefined;
}

function lineFaults(add: Add, state: FormState, digits: number): void {
  add("split", !state.lines.length && "no-lines");
  for (const line of state.lines) {
    add(`line.${line.key}.amount`, amountFault(line.amount, digits));
    add(`line.${line.key}.members`, !line.memberIds.length && "line-nobody");
  }
  add("tax", numberFault(state.tax.trim(), digits));
  add("tip", numberFault(state.tip.trim(), digits));
}

/** The field of the form that a path of the server names, such as `split.weights.parts[1].weight`. */
export function fieldOf(path: string, state: FormState): string {
  const field = path.replace(/^expense\./, "");
  const [, list, number] = /^(.*?)\[(\d+)\]/.exec(field) ?? [];
  const index = number === undefined ? -1 : parseInt(number, 10);
  if (field.startsWith("payments")) {
    const payer = state.payerIds[index];
    return payer && state.payerIds.length > 1 ? `paid.${payer}` : "payers";
  }
  if (field.startsWith("split")) {
    return splitFieldOf(field, list ?? "", index, state);
  }
  return { currency_code: "currency", currencyCode: "currency" }[field] ?? field;
}

function splitFieldOf(field: string, list: string, index: number, state: FormState): string {
  if (isTransfer(state)) {
    return "receiver";
  }
  const line = list === "split.itemized.items" ? state.lines[index] : undefined;
  if (line) {
    return `line.${line.key}.${/amount$/.test(field) ? "amount" : "members"}`;
  }
  const member = list.endsWith(".parts") && state.mode !== "equal" ? state.memberIds[index] : undefined;
  if (member) {
    return `part.${member}`;
  }
  const extra = /^split\.itemized\.(tax|tip)$/.exec(field)?.[1];
  return extra ?? (field.startsWith("split.equal") ? "members" : "split");
}
