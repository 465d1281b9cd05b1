import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { absolute, signOf } from "../../money/amount.ts";
import { balancesQuery, membersQuery } from "../../state/queries.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { Money } from "../../ui/money.tsx";

/** What the user owes or is owed in the event, and the ways to its other screens. */
export function EventHead({ event }: { event: Schemas["Event"] }): ReactNode {
  const eventId = event.id ?? "";
  return (
    <>
      <MyBalance eventId={eventId} memberId={event.memberId} />
      <nav className="event-links">
        <MembersLink eventId={eventId} />
        <span className="row">
          <LinkButton className="plain" href={`/events/${eventId}/totals`}>
            <Trans>Totals</Trans>
          </LinkButton>
          <LinkButton className="plain" href={`/events/${eventId}/settings`}>
            <Trans>Settings</Trans>
          </LinkButton>
        </span>
      </nav>
    </>
  );
}

/** One line for each currency that is open; without any, that nothing is owed. */
function MyBalance({ eventId, memberId }: { eventId: string; memberId: string | undefined }): ReactNode {
  const { data } = useQuery(balancesQuery(eventId));
  const open = (data?.currencies ?? []).flatMap(({ currencyCode, members = [] }) => {
    const net = members.find((member) => member.memberId === memberId)?.net;
    return signOf(net) === 0 ? [] : [{ currencyCode, net: net ?? "0" }];
  });
  return (
    <div className="event-balance" aria-live="polite" aria-atomic="true">
      {data && open.length === 0 && (
        <p>
          <span className="soft">
            <Trans>You owe nothing, and nobody owes you.</Trans>
          </span>
          <strong className="event-balance-amount">
            <Trans>All settled</Trans>
          </strong>
        </p>
      )}
      {open.map(({ currencyCode, net }) => (
        <p key={currencyCode} className={open.length > 1 ? "event-balance-line" : ""}>
          <span className="soft">
            {signOf(net) > 0 ? <Trans>You are owed</Trans> : <Trans>You owe</Trans>}
          </span>{" "}
          <strong className={`event-balance-amount ${signOf(net) > 0 ? "owed" : "owing"}`}>
            <Money amount={absolute(net)} currency={currencyCode} />
          </strong>
        </p>
      ))}
    </div>
  );
}

const FACES = 5;

function MembersLink({ eventId }: { eventId: string }): ReactNode {
  const { data } = useQuery(membersQuery(eventId));
  const active = data?.filter((member) => member.state !== "MEMBER_STATE_INACTIVE") ?? [];
  return (
    <Link className="event-members" href={`/events/${eventId}/members`}>
      <span className="event-faces">
        {active.slice(0, FACES).map((member) => (
          <Avatar key={member.id} member={member} />
        ))}
      </span>
      <Trans>Members</Trans>
    </Link>
  );
}
