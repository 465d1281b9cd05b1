import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { api, body, type Schemas } from "../../api/client.ts";
import { balancesQuery } from "../../state/queries.ts";
import { refresh } from "../../state/live.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { OpenBalance } from "../members/open-balance.tsx";
import { openBalances } from "../members/open-balances.ts";

/** Leave the event, once nothing is owed. */
export function LeaveSection(props: { event: Schemas["Event"]; member: Schemas["Member"] }): ReactNode {
  const { event, member } = props;
  const eventId = event.id ?? "";
  const [asking, setAsking] = useState(false);
  const { data } = useQuery(balancesQuery(eventId));
  const open = openBalances(data, member.id);
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Leave</Trans>
      </h2>
      {open.length > 0 ? (
        <>
          <OpenBalance open={open} />
          <p className="soft small">
            <Trans>Settle this first: nobody leaves while they owe or are owed something.</Trans>
          </p>
          <div className="row">
            <LinkButton href={`/events/${eventId}/balances`}>
              <Trans>To the balances</Trans>
            </LinkButton>
          </div>
        </>
      ) : (
        <div className="row">
          <Button className="danger" onClick={() => setAsking(true)}>
            <Trans>Leave the event</Trans>
          </Button>
        </div>
      )}
      {asking && <Leave event={event} member={member} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Leave(props: {
  event: Schemas["Event"];
  member: Schemas["Member"];
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const { event, member, onClose } = props;
  const eventId = event.id ?? "";
  const leave = async (): Promise<void> => {
    const params = { path: { eventId, memberId: member.id ?? "" } };
    body(await api.DELETE("/v1/events/{eventId}/members/{memberId}", { params }));
    navigate("/");
    client.removeQueries({ queryKey: ["event", eventId] });
    await refresh(client, eventId);
  };
  const { name } = event;
  return (
    <Confirm title={t`Leave ${name}?`} action={<Trans>Leave</Trans>} run={leave} onClose={onClose}>
      <p>
        <Trans>
          You no longer see the event. Expenses of the past keep your name. You come back only by a new
          invitation.
        </Trans>
      </p>
    </Confirm>
  );
}
