import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body, Refusal, type Schemas } from "../../api/client.ts";
import { LANGUAGES } from "../../i18n/locale.ts";
import { meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { faultOf, isAtFields } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { CurrencyField } from "../../ui/currency-field.tsx";
import { Chip, Select, TextField } from "../../ui/field.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { TimeZoneField } from "../../ui/time-zone-field.tsx";
import { toast } from "../../ui/toast.tsx";
import { changedFields, profileOf, type ProfileForm } from "./profile-form.ts";

/** Name, language, time zone, currency and mails. Only what was changed is sent. */
export function Profile({ user }: { user: Schemas["User"] }): ReactNode {
  const { t } = useLingui();
  // What the form began with: a change by another device meanwhile is found by its etag.
  const [before, setBefore] = useState(user);
  const [form, setForm] = useState(profileOf(user));
  const set = (changed: Partial<ProfileForm>): void => setForm({ ...form, ...changed });
  const changed = changedFields(profileOf(before), form);
  const dirty = Object.keys(changed).length > 0;
  const begin = (now: Schemas["User"]): void => {
    setBefore(now);
    queryClient.setQueryData(meQuery.queryKey, now);
  };
  const saving = useMutation({
    mutationFn: async () => {
      const query = { updateMask: Object.keys(changed).join(",") };
      const given = { name: form.name, ...changed, ...(before.etag && { etag: before.etag }) };
      return body(await api.PATCH("/v1/users/me", { params: { query }, body: given }));
    },
    onSuccess: (now) => {
      begin(now);
      setForm(profileOf(now));
      toast(t`Saved.`);
    },
  });
  const stale = saving.error instanceof Refusal && saving.error.reason === "ETAG_STALE";
  return (
    <section className="card">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!saving.isPending && dirty) {
            saving.mutate();
          }
        }}
      >
        <h2>
          <Trans>About you</Trans>
        </h2>
        <ProfileFields form={form} set={set} error={saving.error} />
        {stale && <Stale onTaken={begin} />}
        {saving.error && !stale && !isAtFields(saving.error, Object.keys(form)) && (
          <Problem error={saving.error} />
        )}
        {dirty && (
          <div className="settings-save">
            <Button onClick={() => setForm(profileOf(before))}>
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

function ProfileFields(props: {
  form: ProfileForm;
  set: (changed: Partial<ProfileForm>) => void;
  error: unknown;
}): ReactNode {
  const { t } = useLingui();
  const { form, set, error } = props;
  return (
    <>
      <TextField
        label={t`Name`}
        autoComplete="name"
        required
        maxLength={200}
        value={form.name}
        error={faultOf(error, "name")}
        onChange={(event) => set({ name: event.target.value })}
      />
      <LanguageField value={form.locale} onChange={(locale) => set({ locale })} />
      <TimeZoneField
        label={t`Time zone`}
        hint={t`For the dates in mails, and for new events.`}
        value={form.timeZone}
        error={faultOf(error, "timeZone")}
        onChange={(timeZone) => set({ timeZone })}
      />
      <CurrencyField
        label={t`Currency of new events`}
        value={form.currencyCode}
        error={faultOf(error, "currencyCode")}
        onChange={(currencyCode) => set({ currencyCode })}
      />
      <MailField value={form.mailMode} onChange={(mailMode) => set({ mailMode })} />
    </>
  );
}

function LanguageField(props: { value: string; onChange: (locale: string) => void }): ReactNode {
  const { t } = useLingui();
  const language = props.value.split("-")[0] ?? "";
  return (
    <Select
      label={t`Language`}
      value={language in LANGUAGES ? language : ""}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {!(language in LANGUAGES) && <option value="">{props.value}</option>}
      {Object.entries(LANGUAGES).map(([code, { name, preview }]) => (
        <option key={code} value={code} lang={code}>
          {preview ? t`${name} (a first version)` : name}
        </option>
      ))}
    </Select>
  );
}

function MailField(props: {
  value: Schemas["MailMode"];
  onChange: (mode: Schemas["MailMode"]) => void;
}): ReactNode {
  const { t } = useLingui();
  const modes: [Schemas["MailMode"], string][] = [
    ["MAIL_MODE_EACH_CHANGE", t`Soon after a change`],
    ["MAIL_MODE_DAILY_DIGEST", t`Once a day`],
    ["MAIL_MODE_OFF", t`Never`],
  ];
  return (
    <fieldset className="stack-close settings-mails">
      <legend className="legend">
        <Trans>Mails about your events</Trans>
      </legend>
      <div className="row">
        {modes.map(([mode, words]) => (
          <Chip
            key={mode}
            type="radio"
            name="mail-mode"
            checked={props.value === mode}
            onChange={() => props.onChange(mode)}
          >
            {words}
          </Chip>
        ))}
      </div>
      <p className="soft small">
        <Trans>
          Mails about your account itself are always sent. Each event can be muted in its settings.
        </Trans>
      </p>
    </fieldset>
  );
}

/** The account was changed elsewhere. What was typed stays; the user decides whether it counts. */
function Stale({ onTaken }: { onTaken: (now: Schemas["User"]) => void }): ReactNode {
  const taking = useMutation({
    mutationFn: async () => body(await api.GET("/v1/users/me")),
    onSuccess: onTaken,
  });
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          <Trans>You changed your settings on another device meanwhile. Nothing was saved yet.</Trans>
        </p>
        <Button busy={taking.isPending} onClick={() => taking.mutate()}>
          <Trans>Go on with what is typed here</Trans>
        </Button>
      </div>
    </Message>
  );
}
