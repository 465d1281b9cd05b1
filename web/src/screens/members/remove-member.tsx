import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { useEventWrite } from "../../state/write.ts";
import { LinkButton } from "../../ui/button.tsx";
import { Confirm, DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { Switch } from "../../ui/switch.tsx";
import { balancesQuery } from "../../state/queries.ts";
import { OpenBalance } from "./open-balance.tsx";
import { openBalances } from "./open-balances.ts";

/** Removes a member, after it has said what happens to their balance and their expenses. */
export function RemoveMember(props: {
  event: Schemas["Event"];
  member: Schemas["Member"];
  mayBar: boolean;
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const { event, member, onClose } = props;
  const eventId = event.id ?? "";
  const name = member.name ?? "";
  const balances = useQuery(balancesQuery(eventId));
  const [bar, setBar] = useState(false);
  const removing = useEventWrite(eventId, async () => {
    const params = { path: { eventId, memberId: member.id ?? "" }, ...(bar && { query: { bar } }) };
    return body(await api.DELETE("/v1/events/{eventId}/members/{memberId}", { params }));
  });
  const title = t`Remove ${name}?`;
  if (!balances.data) {
    return (
      <Dialog title={title} onClose={onClose}>
        {balances.error ? (
          <Problem error={balances.error} retry={() => void balances.refetch()} />
        ) : (
          <Loading />
        )}
        <DialogButtons onClose={onClose} />
      </Dialog>
    );
  }
  const open = openBalances(balances.data, member.id);
  if (open.length > 0) {
    return (
      <Dialog title={t`${name} cannot be removed yet`} onClose={onClose}>
        <OpenBalance name={name} open={open} />
        <p>
          <Trans>Settle this first: nobody leaves while they owe or are owed something.</Trans>
        </p>
        <DialogButtons onClose={onClose}>
          <LinkButton className="primary" href={`/events/${eventId}/balances`}>
            <Trans>To the balances</Trans>
          </LinkButton>
        </DialogButtons>
      </Dialog>
    );
  }
  return (
    <Confirm
      title={title}
      action={<Trans>Remove</Trans>}
      run={() => removing.mutateAsync()}
      onClose={onClose}
    >
      <p>
        <Trans>
          {name} owes nothing and is owed nothing, so no balance changes. Expenses of the past keep {name};
          without any, {name} is deleted.
        </Trans>
      </p>
      {props.mayBar && (
        <Switch
          label={t`Bar ${name} from coming back`}
          hint={t`No invitation lets them in again, until an owner allows it.`}
          on={bar}
          onChange={setBar}
        />
      )}
    </Confirm>
  );
}
