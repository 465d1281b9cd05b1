import { useLingui } from "@lingui/react/macro";
import type { FaultCode } from "./model/faults.ts";

/** What is wrong, in words that say what to do. */
export function useFaultText(): (code: FaultCode) => string {
  const { t } = useLingui();
  return (code) => {
    switch (code) {
      case "amount-missing":
        return t`The amount is missing.`;
      case "amount-wrong":
        return t`This is no amount of this currency. Write it like 48.60, more than zero.`;
      case "amount-not-whole":
        return t`This currency has no fraction. Write a whole number, more than zero.`;
      case "amount-too-large":
        return t`This is more than howmuch can count. Split it into several expenses.`;
      case "reason-missing":
        return t`Say what it was for.`;
      case "reason-long":
        return t`This is too long: at most 1,000 characters. The rest fits in the notes.`;
      case "date-missing":
        return t`Choose a day.`;
      case "category-long":
        return t`This is too long: at most 100 characters.`;
      case "notes-long":
        return t`This is too long: at most 10,000 characters.`;
      case "payer-missing":
        return t`Choose who paid.`;
      case "paid-differs":
        return t`What they paid must come to the amount.`;
      case "receiver-missing":
        return t`Choose who got the money.`;
      case "receiver-pays":
        return t`Choose two different people.`;
      case "nobody":
        return t`Choose at least one person.`;
      case "number-wrong":
        return t`This is no number that fits here.`;
      case "negative":
        return t`This must not be less than zero.`;
      case "weights-zero":
        return t`Give at least one person a share.`;
      case "ungiven":
        return t`The parts must come to the whole.`;
      case "part-negative":
        return t`With these adjustments, somebody's part is less than zero. Make them smaller.`;
      case "no-lines":
        return t`Add the first line of the bill.`;
      case "line-nobody":
        return t`Choose who had it.`;
    }
  };
}
