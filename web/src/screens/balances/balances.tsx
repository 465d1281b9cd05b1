import "./balances.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { formatMoney } from "../../money/format.ts";
import { balancesQuery, eventQuery, settlementQuery } from "../../state/queries.ts";
import { hides } from "../../state/query-client.ts";
import { usePeople, type People } from "../event/people.ts";
import { rightsOf } from "../event/rights.ts";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { share } from "../../ui/share.ts";
import { toast } from "../../ui/toast.tsx";
import { BalanceTable } from "./balance-table.tsx";
import { DebtsOmitted, DirectDebts } from "./direct-debts.tsx";
import { useMarking, type Marking } from "./marking.ts";
import { placeOf, type OpenPayment } from "./marks.ts";
import { Payments } from "./payments.tsx";

/** The tab Balances of an event: who owes and who is owed, and the payments that settle it. */
export default function Balances({ eventId }: { eventId: string }): ReactNode {
  const people = usePeople(eventId);
  const { data: event } = useQuery(eventQuery(eventId));
  const { write } = rightsOf(event);
  const balances = useQuery(balancesQuery(eventId));
  const settlement = useQuery(settlementQuery(eventId));
  const marking = useMarking(eventId, write);
  const error = balances.error ?? settlement.error;
  if (!balances.data || !settlement.data || hides(error, balances.data)) {
    const retry = () => void Promise.all([balances.refetch(), settlement.refetch()]);
    return error ? <Problem error={error} retry={retry} /> : <Loading />;
  }
  const { currencies = [], debtsOmitted } = balances.data;
  if (currencies.length === 0) {
    return <NothingYet />;
  }
  const open = openPayments(settlement.data, marking, people.me);
  return (
    <div className="stack">
      {open.length === 0 && marking.marks.length === 0 && <Even />}
      {currencies.map((each) => (
        <InCurrency
          key={each.currencyCode}
          eventId={eventId}
          balances={each}
          several={currencies.length > 1}
          open={open.filter(({ currency }) => currency === each.currencyCode)}
          marking={marking}
          people={people}
        />
      ))}
      {debtsOmitted && <DebtsOmitted />}
      {open.length > 0 && <SharePlan title={event?.name ?? ""} open={open} people={people} />}
    </div>
  );
}

function InCurrency(props: {
  eventId: string;
  balances: Schemas["CurrencyBalances"];
  several: boolean;
  open: readonly OpenPayment[];
  marking: Marking;
  people: People;
}): ReactNode {
  const { eventId, balances, several, open, marking, people } = props;
  const currency = balances.currencyCode ?? "";
  return (
    <section className="card stack">
      <h2>{several ? <Trans>Balances in {currency}</Trans> : <Trans>Balances</Trans>}</h2>
      <BalanceTable eventId={eventId} balances={balances} people={people} />
      <Payments
        open={open}
        currency={currency}
        marks={marking.marks.filter((mark) => mark.currency === currency)}
        marking={marking}
        people={people}
      />
      <DirectDebts eventId={eventId} balances={balances} people={people} />
    </section>
  );
}

function SharePlan(props: { title: string; open: readonly OpenPayment[]; people: People }): ReactNode {
  const { title, open, people } = props;
  const { t } = useLingui();
  async function give(): Promise<void> {
    const lines = open.map(({ debt, currency }) => {
      const [payer, receiver] = [people.name(debt.fromMemberId), people.name(debt.toMemberId)];
      const amount = formatMoney(debt.amount ?? "0", currency, formatLocale());
      return t`${payer} pays ${receiver} ${amount}`;
    });
    try {
      if ((await share([title, ...lines, location.href].join("\n"), title)) === "copied") {
        toast(t`Copied. Paste it where your friends read it.`);
      }
    } catch {
      toast(t`This browser allows neither to share nor to copy.`);
    }
  }
  return (
    <Button className="wide" onClick={() => void give()}>
      <Trans>Share these payments</Trans>
    </Button>
  );
}

function Even(): ReactNode {
  return (
    <div className="card stack-close balances-even" role="status">
      <span aria-hidden="true" className="balances-even-tick">
        ✓
      </span>
      <p>
        <Trans>Everybody is even. Nobody owes anything.</Trans>
      </p>
    </div>
  );
}

/** The button to add the first one stands below each tab. */
function NothingYet(): ReactNode {
  return (
    <p className="card">
      <Trans>Nobody owes anything yet. Who owes whom appears here after the first expense.</Trans>
    </p>
  );
}

/** The payments of all plans that were not marked as paid, mine first. */
function openPayments(
  settlement: Schemas["Settlement"],
  marking: Marking,
  me: string | undefined,
): OpenPayment[] {
  const { revision = "0", plans = [] } = settlement;
  const marked = new Set(marking.marks.map(placeOf));
  const all = plans.flatMap(({ currencyCode = "", transfers = [] }) =>
    transfers.map((debt, index) => ({ debt, currency: currencyCode, place: { revision, index } })),
  );
  const isMine = ({ debt }: OpenPayment) => debt.fromMemberId === me || debt.toMemberId === me;
  return [...all.filter(isMine), ...all.filter((each) => !isMine(each))].filter(
    (each) => !marked.has(placeOf(each)),
  );
}
