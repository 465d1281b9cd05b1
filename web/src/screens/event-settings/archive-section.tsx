import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";

/** Archive an event that is over, or open it again. Both are undone by the other, so neither asks first. */
export function ArchiveSection({ event }: { event: Schemas["Event"] }): ReactNode {
  const { t } = useLingui();
  const eventId = event.id ?? "";
  const archived = event.archiveTime !== undefined;
  const change = useEventWrite(eventId, async () => {
    const given = { params: { path: { eventId } }, body: {} };
    if (archived) {
      body(await api.POST("/v1/events/{eventId}:unarchive", given));
      toast(t`The event is open again.`);
    } else {
      body(await api.POST("/v1/events/{eventId}:archive", given));
      toast(t`The event is archived.`);
    }
  });
  return (
    <section className="card stack-close">
      <h2>
        <Trans>When it is over</Trans>
      </h2>
      <p className="soft small">
        <Trans>
          Everybody can still read an archived event, and nothing in it changes. You can open it again at any
          time.
        </Trans>
      </p>
      {change.error && <Problem error={change.error} />}
      <div className="row">
        <Button busy={change.isPending} onClick={() => change.mutate()}>
          {archived ? <Trans>Open the event again</Trans> : <Trans>Archive the event</Trans>}
        </Button>
      </div>
    </section>
  );
}
