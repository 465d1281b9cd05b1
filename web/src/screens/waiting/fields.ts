import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client.ts";
import { formatShortDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { formatMoney } from "../../money/format.ts";
import type { People } from "../event/people.ts";

export interface Field {
  label: string;
  words: string;
}

type Expense = Schemas["Expense"];

/** The fields of an expense in plain words, always in the same order. */
export function useFields(people: People): (expense: Expense) => Field[] {
  const { t } = useLingui();
  const splitWords = useSplitWords(people);
  return (expense) => {
    const money = (amount: string | undefined): string =>
      amount ? formatMoney(amount, expense.currencyCode ?? "XXX", formatLocale()) : "";
    // A single payment may leave its amount to the expense.
    const payers = expense.payments.map(
      ({ memberId, amount }) => `${people.name(memberId)} ${money(amount ?? expense.amount)}`,
    );
    const kinds: Record<Schemas["ExpenseKind"], string> = {
      EXPENSE_KIND_UNSPECIFIED: t`Expense`,
      EXPENSE_KIND_EXPENSE: t`Expense`,
      EXPENSE_KIND_TRANSFER: t`Payment`,
      EXPENSE_KIND_INCOME: t`Refund or income`,
    };
    return [
      { label: t`What it is`, words: kinds[expense.kind ?? "EXPENSE_KIND_EXPENSE"] },
      { label: t`What for`, words: expense.reason },
      { label: t`Amount`, words: money(expense.amount) },
      { label: t`Who paid`, words: payers.join(", ") },
      { label: t`Split`, words: splitWords(expense.split, money) },
      { label: t`Day`, words: expense.date ? formatShortDay(expense.date, formatLocale()) : "" },
      { label: t`Category`, words: expense.category ?? "" },
      { label: t`Notes`, words: expense.notes ?? "" },
    ];
  };
}

type Amount = (amount: string | undefined) => string;

/** How an expense is split, in words. */
function useSplitWords(people: People): (split: Schemas["Split"] | undefined, money: Amount) => string {
  const { t } = useLingui();
  const list = (parts: readonly { memberId: string }[], words: (index: number) => string): string =>
    parts.map(({ memberId }, index) => `${people.name(memberId)} ${words(index)}`).join(", ");
  return (split, money) => {
    if (split?.equal) {
      const names = (split.equal.memberIds ?? []).map(people.name).join(", ");
      return names ? t`equally: ${names}` : t`equally: everybody`;
    }
    if (split?.weights) {
      const { parts } = split.weights;
      const all = list(
        parts,
        (index) => parts[index]?.weightDecimal ?? parts[index]?.weight?.toString() ?? "1",
      );
      return t`by shares: ${all}`;
    }
    if (split?.percent) {
      const { parts } = split.percent;
      return list(parts, (index) => `${parts[index]?.percent ?? ""} %`);
    }
    if (split?.exact) {
      const { parts } = split.exact;
      return list(parts, (index) => money(parts[index]?.amount));
    }
    if (split?.adjusted) {
      const { parts } = split.adjusted;
      const all = list(parts, (index) => money(parts[index]?.adjustment)).trim();
      return t`equally, with more or less for some: ${all}`;
    }
    const items = split?.itemized?.items ?? [];
    return items
      .map(
        ({ name, amount, memberIds }) =>
          `${name || "–"} ${money(amount)} (${memberIds.map(people.name).join(", ")})`,
      )
      .join("; ");
  };
}
