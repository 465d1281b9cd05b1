import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { formatShortDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";

/** Delete the event, or restore it while that is possible. */
export function DeleteSection({ event }: { event: Schemas["Event"] }): ReactNode {
  const [asking, setAsking] = useState(false);
  if (event.deleteTime) {
    return <Restore event={event} />;
  }
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Delete</Trans>
      </h2>
      <p className="soft small">
        <Trans>For everybody. For 30 days an owner can restore it, with everything in it.</Trans>
      </p>
      <div className="row">
        <Button className="danger" onClick={() => setAsking(true)}>
          <Trans>Delete the event</Trans>
        </Button>
      </div>
      {asking && <Delete event={event} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Delete({ event, onClose }: { event: Schemas["Event"]; onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const eventId = event.id ?? "";
  const deleting = useEventWrite(eventId, async () =>
    body(await api.DELETE("/v1/events/{eventId}", { params: { path: { eventId } } })),
  );
  const { name } = event;
  return (
    <Confirm
      title={t`Delete ${name}?`}
      action={<Trans>Delete</Trans>}
      run={() => deleting.mutateAsync()}
      onClose={onClose}
    >
      <p>
        <Trans>
          It goes from the list of everybody in it, with its expenses and debts. For 30 days an owner can
          restore it here; then it is removed for good.
        </Trans>
      </p>
    </Confirm>
  );
}

function Restore({ event }: { event: Schemas["Event"] }): ReactNode {
  const { t } = useLingui();
  const eventId = event.id ?? "";
  const day = formatShortDay((event.purgeTime ?? event.deleteTime ?? "").slice(0, 10), formatLocale());
  const restoring = useEventWrite(eventId, async () => {
    body(await api.POST("/v1/events/{eventId}:undelete", { params: { path: { eventId } }, body: {} }));
    toast(t`The event is back, with everything in it.`);
  });
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Restore</Trans>
      </h2>
      <p>
        <Trans>The event is deleted. Until {day} it can be restored, with everything in it.</Trans>
      </p>
      {restoring.error && <Problem error={restoring.error} />}
      <div className="row">
        <Button className="primary" busy={restoring.isPending} onClick={() => restoring.mutate()}>
          <Trans>Restore the event</Trans>
        </Button>
      </div>
    </section>
  );
}
