/** An expense in words: who paid, and what it means for the reader. */

import { Plural, Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { signOf } from "../../money/amount.ts";
import { Money } from "../../ui/money.tsx";
import type { MyPart } from "./my-part.ts";
import type { People } from "./people.ts";

type Expense = Schemas["Expense"];

/** Who paid, without the amount: “Bo paid”, “Bo and Cy paid”, “You received”. */
export function PayerWords({ expense, people }: { expense: Expense; people: People }): ReactNode {
  const payer = expense.payments[0]?.memberId;
  const others = expense.payments.length - 1;
  const name = people.name(payer);
  const income = expense.kind === "EXPENSE_KIND_INCOME";
  if (others === 1) {
    const second = people.name(expense.payments[1]?.memberId);
    return income ? (
      <Trans>
        {name} and {second} received
      </Trans>
    ) : (
      <Trans>
        {name} and {second} paid
      </Trans>
    );
  }
  if (others > 1) {
    return income ? (
      <Plural value={others} one={`${name} and # other received`} other={`${name} and # others received`} />
    ) : (
      <Plural value={others} one={`${name} and # other paid`} other={`${name} and # others paid`} />
    );
  }
  if (payer === people.me) {
    return income ? <Trans>You received</Trans> : <Trans>You paid</Trans>;
  }
  return income ? <Trans>{name} received</Trans> : <Trans>{name} paid</Trans>;
}

/** Who gets a transfer. */
export function payeeOf({ shares, split }: Expense): string | undefined {
  return shares?.find((share) => signOf(share.owed) > 0)?.memberId ?? split?.equal?.memberIds?.[0];
}

/** A transfer as a sentence: “Bo paid Ana back”. */
export function TransferWords({ expense, people }: { expense: Expense; people: People }): ReactNode {
  const payer = expense.payments[0]?.memberId;
  const payee = payeeOf(expense);
  const from = people.name(payer);
  const to = people.name(payee);
  if (payer === people.me) {
    return <Trans>You paid {to} back</Trans>;
  }
  return payee === people.me ? (
    <Trans>{from} paid you back</Trans>
  ) : (
    <Trans>
      {from} paid {to} back
    </Trans>
  );
}

const COLOURS = { lent: "owed", owe: "owing", paid: "", received: "" };

/** What an expense means for the reader: a word, and the amount where there is one. */
export function PartWords({ part, currency }: { part: MyPart; currency: string | undefined }): ReactNode {
  const word = (
    <span className="small soft">
      <PartWord is={part.is} />
    </span>
  );
  if (part.is === "even" || part.is === "uninvolved" || part.is === "unknown") {
    return word;
  }
  return (
    <>
      {word}{" "}
      <b className={COLOURS[part.is]}>
        <Money amount={part.amount} currency={currency} />
      </b>
    </>
  );
}

function PartWord({ is }: Pick<MyPart, "is">): ReactNode {
  switch (is) {
    case "lent":
      return <Trans>you lent</Trans>;
    case "owe":
      return <Trans>you owe</Trans>;
    case "paid":
      return <Trans>you paid</Trans>;
    case "received":
      return <Trans>you received</Trans>;
    case "even":
      return <Trans>you paid your part</Trans>;
    case "uninvolved":
      return <Trans>not involved</Trans>;
    case "unknown":
      return null;
  }
}
