import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useWrites, type Write } from "../../outbox/index.ts";
import { expenseQuery } from "../../state/queries.ts";
import { Money } from "../../ui/money.tsx";

/** What a write is, in a few words: “New expense: Dinner, €48.60”. */
export function WriteWords({ write }: { write: Write }): ReactNode {
  const { eventId, operation } = write;
  const made = useWrites(eventId)
    .map((each) => each.operation)
    .find((each) => each.kind === "create" && each.expenseId === operation.expenseId);
  // An expense that the server never saw cannot be asked for.
  const { data } = useQuery({ ...expenseQuery(eventId, operation.expenseId), enabled: made === undefined });
  const reason = made?.kind === "create" ? made.expense.reason : (data?.reason ?? "…");
  switch (operation.kind) {
    case "create":
      return <Created expense={operation.expense} />;
    case "update": {
      const { reason: now = reason, amount, currencyCode = data?.currencyCode } = operation.expense;
      const comma = <CommaMoney amount={amount} currency={currencyCode} />;
      return data && now !== reason ? (
        <Trans>
          Change of {reason}, now {now}
          {comma}
        </Trans>
      ) : (
        <Trans>
          Change of {now}
          {comma}
        </Trans>
      );
    }
    case "delete":
      return <Trans>Delete {reason}</Trans>;
    case "undelete":
      return <Trans>Bring back {reason}</Trans>;
    case "restore": {
      const { version } = operation;
      return (
        <Trans>
          {reason}, as it was in version {version}
        </Trans>
      );
    }
    case "comment": {
      const { text } = operation;
      return (
        <Trans>
          Comment on {reason}: “{text}”
        </Trans>
      );
    }
  }
}

function Created({
  expense,
}: {
  expense: Extract<Write["operation"], { kind: "create" }>["expense"];
}): ReactNode {
  const { reason, kind } = expense;
  const amount = expense.amount ?? expense.payments[0]?.amount;
  const comma = <CommaMoney amount={amount} currency={expense.currencyCode} />;
  if (kind === "EXPENSE_KIND_TRANSFER") {
    return (
      <Trans>
        New payment: {reason}
        {comma}
      </Trans>
    );
  }
  return kind === "EXPENSE_KIND_INCOME" ? (
    <Trans>
      New income: {reason}
      {comma}
    </Trans>
  ) : (
    <Trans>
      New expense: {reason}
      {comma}
    </Trans>
  );
}

function CommaMoney({
  amount,
  currency,
}: {
  amount: string | undefined;
  currency: string | undefined;
}): ReactNode {
  return amount ? (
    <>
      , <Money amount={amount} currency={currency} />
    </>
  ) : null;
}
