import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Refusal } from "../../api/client.ts";
import type { People } from "../event/people.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { useFold } from "../../ui/fold.tsx";
import type { Marking } from "./marking.ts";
import { placeOf, type Mark, type OpenPayment } from "./marks.ts";
import { Paid, Pays } from "./words.tsx";

/** The payments that settle one currency, mine first, and those that were marked as paid. */
export function Payments(props: {
  currency: string;
  open: readonly OpenPayment[];
  marks: readonly Mark[];
  marking: Marking;
  people: People;
}): ReactNode {
  const { currency, open, marks, marking, people } = props;
  const [shown, fold] = useFold(open);
  return (
    <div className="stack-close">
      {open.length > 0 && (
        <p className="soft small">
          <Plural
            value={open.length}
            one="One payment settles everything:"
            other="# payments settle everything:"
          />
        </p>
      )}
      {marking.failure?.currency === currency && <Failure error={marking.failure.error} />}
      <ul className="balances-payments">
        {shown.map((payment) => (
          <Payment key={placeOf(payment)} payment={payment} marking={marking} people={people} />
        ))}
        {marks.map((mark) => (
          <Done key={mark.expenseId} mark={mark} marking={marking} people={people} />
        ))}
      </ul>
      {fold}
    </div>
  );
}

function Failure({ error }: { error: unknown }): ReactNode {
  return error instanceof Refusal && error.reason === "SETTLEMENT_CHANGED" ? (
    <Message kind="note">
      <Trans>
        The event has changed meanwhile, and with it the payments. Nothing was marked; here are the present
        ones.
      </Trans>
    </Message>
  ) : (
    <Problem error={error} />
  );
}

function Payment(props: { payment: OpenPayment; marking: Marking; people: People }): ReactNode {
  const { payment, marking, people } = props;
  const { t } = useLingui();
  const { debt } = payment;
  const [payer, receiver] = [people.name(debt.fromMemberId), people.name(debt.toMemberId)];
  return (
    <li className="balances-payment">
      <Avatar member={people.members.get(debt.fromMemberId ?? "")} />
      <span className="balances-sentence">
        <Pays {...payment} people={people} />
      </span>
      {marking.mayWrite && (
        <Button
          busy={marking.busy === placeOf(payment)}
          aria-label={t`Mark as paid: ${payer} to ${receiver}`}
          onClick={() => void marking.mark(payment)}
        >
          <Trans>Mark as paid</Trans>
        </Button>
      )}
    </li>
  );
}

function Done({ mark, marking, people }: { mark: Mark; marking: Marking; people: People }): ReactNode {
  const { t } = useLingui();
  const { debt } = mark;
  const [payer, receiver] = [people.name(debt.fromMemberId), people.name(debt.toMemberId)];
  return (
    <li className="balances-payment">
      <span aria-hidden="true" className="balances-tick">
        ✓
      </span>
      <span className="balances-sentence">
        <Paid {...mark} people={people} />
        <span className="soft small balances-state">
          {mark.waiting ? <Trans>Waits for a network</Trans> : <Trans>Marked as paid</Trans>}
        </span>
      </span>
      {marking.mayWrite && (
        <Button
          className="plain"
          busy={marking.busy === placeOf(mark)}
          aria-label={t`Undo: ${payer} to ${receiver}`}
          onClick={() => void marking.undo(mark)}
        >
          <Trans>Undo</Trans>
        </Button>
      )}
    </li>
  );
}
