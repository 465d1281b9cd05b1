import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body, Refusal, type Schemas } from "../../api/client.ts";
import { eventQuery } from "../../state/queries.ts";
import { faultOf, isAtFields, useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { CurrencyField } from "../../ui/currency-field.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { TimeZoneField } from "../../ui/time-zone-field.tsx";
import { toast } from "../../ui/toast.tsx";
import { changedFields } from "../settings/profile-form.ts";

const FIELDS = ["name", "description", "currencyCode", "timeZone"];

function formOf(event: Schemas["Event"]) {
  const { name, description = "", currencyCode = "", timeZone = "" } = event;
  return { name, description, currencyCode, timeZone };
}

/** Name, description, currency and time zone, for owners. Only what was changed is sent. */
export function Details({ event }: { event: Schemas["Event"] }): ReactNode {
  const { t } = useLingui();
  const [before, setBefore] = useState(event);
  const [form, setForm] = useState(formOf(event));
  const changed = changedFields(formOf(before), form);
  const dirty = Object.keys(changed).length > 0;
  const set = (fields: Partial<typeof form>): void => setForm({ ...form, ...fields });
  const saving = useEventWrite(event.id ?? "", async () => {
    const params = {
      path: { eventId: event.id ?? "" },
      query: { updateMask: Object.keys(changed).join(",") },
    };
    const given = { name: form.name, ...changed, ...(before.etag && { etag: before.etag }) };
    const now = body(await api.PATCH("/v1/events/{eventId}", { params, body: given }));
    setBefore(now);
    setForm(formOf(now));
    toast(t`Saved.`);
  });
  const fault = (field: string): string | undefined => faultOf(saving.error, field);
  const stale = saving.error instanceof Refusal && saving.error.reason === "ETAG_STALE";
  return (
    <section className="card">
      <form
        className="stack"
        onSubmit={(submit) => {
          submit.preventDefault();
          if (!saving.isPending && dirty) {
            saving.mutate();
          }
        }}
      >
        <h2>
          <Trans>About the event</Trans>
        </h2>
        <TextField
          label={t`Name`}
          required
          maxLength={200}
          autoComplete="off"
          value={form.name}
          error={fault("name")}
          onChange={(change) => set({ name: change.target.value })}
        />
        <TextArea
          label={t`Description`}
          maxLength={10_000}
          value={form.description}
          error={fault("description")}
          onChange={(change) => set({ description: change.target.value })}
        />
        <CurrencyField
          label={t`Currency of new expenses`}
          value={form.currencyCode}
          error={fault("currencyCode")}
          onChange={(currencyCode) => set({ currencyCode })}
        />
        <TimeZoneField
          label={t`Time zone`}
          hint={t`It decides which day is today.`}
          value={form.timeZone}
          error={fault("timeZone")}
          onChange={(timeZone) => set({ timeZone })}
        />
        {stale && <Stale eventId={event.id ?? ""} onTaken={setBefore} />}
        {saving.error && !stale && !isAtFields(saving.error, FIELDS) && <Problem error={saving.error} />}
        {dirty && (
          <div className="event-settings-save">
            <Button onClick={() => setForm(formOf(before))}>
              <Trans>Undo</Trans>
            </Button>
            <Button type="submit" className="primary" busy={saving.isPending}>
              <Trans>Save</Trans>
            </Button>
          </div>
        )}
      </form>
    </section>
  );
}

/** Somebody else has changed the event. What was typed stays; the user decides whether it counts. */
function Stale(props: { eventId: string; onTaken: (now: Schemas["Event"]) => void }): ReactNode {
  const client = useQueryClient();
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          <Trans>Somebody changed the event meanwhile. Nothing of yours was saved yet.</Trans>
        </p>
        <Button
          onClick={() =>
            void client.query({ ...eventQuery(props.eventId), staleTime: 0 }).then(props.onTaken)
          }
        >
          <Trans>Go on with what is typed here</Trans>
        </Button>
      </div>
    </Message>
  );
}

/** The same for those who may only read it. */
export function ReadDetails({ event }: { event: Schemas["Event"] }): ReactNode {
  return (
    <section className="card stack-close">
      <h2>{event.name}</h2>
      {event.description && <p className="event-settings-text">{event.description}</p>}
      <dl className="event-settings-facts">
        <dt>
          <Trans>Currency</Trans>
        </dt>
        <dd>{event.currencyCode}</dd>
        <dt>
          <Trans>Time zone</Trans>
        </dt>
        <dd>{event.timeZone?.replaceAll("_", " ")}</dd>
      </dl>
    </section>
  );
}
