import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { absolute, signOf } from "../../money/amount.ts";
import { formatMoney } from "../../money/format.ts";
import type { People } from "../event/people.ts";

interface Sentence {
  debt: Schemas["Debt"];
  currency: string;
  people: People;
}

/** `Ben pays you €83.10`: a payment that is still to be made. */
export function Pays({ debt, currency, people }: Sentence): ReactNode {
  const { payer, receiver, amount } = parts(debt, currency, people);
  if (debt.fromMemberId === people.me) {
    return (
      <Trans>
        You pay <bdi>{receiver}</bdi> <strong className="number">{amount}</strong>
      </Trans>
    );
  }
  if (debt.toMemberId === people.me) {
    return (
      <Trans>
        <bdi>{payer}</bdi> pays you <strong className="number">{amount}</strong>
      </Trans>
    );
  }
  return (
    <Trans>
      <bdi>{payer}</bdi> pays <bdi>{receiver}</bdi> <strong className="number">{amount}</strong>
    </Trans>
  );
}

/** `Ben paid you €83.10`: a payment that was marked as made. */
export function Paid({ debt, currency, people }: Sentence): ReactNode {
  const { payer, receiver, amount } = parts(debt, currency, people);
  if (debt.fromMemberId === people.me) {
    return (
      <Trans>
        You paid <bdi>{receiver}</bdi> <span className="number">{amount}</span>
      </Trans>
    );
  }
  if (debt.toMemberId === people.me) {
    return (
      <Trans>
        <bdi>{payer}</bdi> paid you <span className="number">{amount}</span>
      </Trans>
    );
  }
  return (
    <Trans>
      <bdi>{payer}</bdi> paid <bdi>{receiver}</bdi> <span className="number">{amount}</span>
    </Trans>
  );
}

/** `Ben owes you €83.10`: a debt between two. */
export function Owes({ debt, currency, people }: Sentence): ReactNode {
  const { payer, receiver, amount } = parts(debt, currency, people);
  if (debt.fromMemberId === people.me) {
    return (
      <Trans>
        You owe <bdi>{receiver}</bdi> <span className="number">{amount}</span>
      </Trans>
    );
  }
  if (debt.toMemberId === people.me) {
    return (
      <Trans>
        <bdi>{payer}</bdi> owes you <span className="number">{amount}</span>
      </Trans>
    );
  }
  return (
    <Trans>
      <bdi>{payer}</bdi> owes <bdi>{receiver}</bdi> <span className="number">{amount}</span>
    </Trans>
  );
}

/** `You are owed €253.90`: the balance of one member. net: positive means that they are owed it. */
export function Standing(props: {
  memberId: string;
  net: string;
  currency: string;
  people: People;
}): ReactNode {
  const { memberId, net, currency, people } = props;
  const amount = formatMoney(absolute(net), currency, formatLocale());
  const mine = memberId === people.me;
  const name = people.name(memberId);
  const sign = signOf(net);
  if (sign === 0) {
    return mine ? (
      <Trans>You are even in {currency}</Trans>
    ) : (
      <Trans>
        <bdi>{name}</bdi> is even in {currency}
      </Trans>
    );
  }
  if (sign > 0) {
    return mine ? (
      <Trans>
        You are owed <strong className="number owed">{amount}</strong>
      </Trans>
    ) : (
      <Trans>
        <bdi>{name}</bdi> is owed <strong className="number owed">{amount}</strong>
      </Trans>
    );
  }
  return mine ? (
    <Trans>
      You owe <strong className="number owing">{amount}</strong>
    </Trans>
  ) : (
    <Trans>
      <bdi>{name}</bdi> owes <strong className="number owing">{amount}</strong>
    </Trans>
  );
}

/** The name, or `You`. */
export function MemberName({ memberId, people }: { memberId: string; people: People }): ReactNode {
  return memberId === people.me ? (
    <span>
      <Trans>You</Trans>
    </span>
  ) : (
    <bdi>{people.name(memberId)}</bdi>
  );
}

function parts(debt: Schemas["Debt"], currency: string, people: People) {
  return {
    payer: people.name(debt.fromMemberId),
    receiver: people.name(debt.toMemberId),
    amount: formatMoney(debt.amount ?? "0", currency, formatLocale()),
  };
}
