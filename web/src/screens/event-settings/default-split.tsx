import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { Chip, TextField } from "../../ui/field.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import { percentLeft, percentText, splitFormOf, splitOf, type Mode, type SplitForm } from "./split-form.ts";

// The API takes no more in a default split.
const MOST_MEMBERS = 100;

/** How an expense is split that says nothing of it. */
export function DefaultSplit(props: {
  event: Schemas["Event"];
  members: readonly Schemas["Member"][];
}): ReactNode {
  const { t } = useLingui();
  const { event } = props;
  const eventId = event.id ?? "";
  const active = props.members.filter(({ state }) => state !== "MEMBER_STATE_INACTIVE");
  const [form, setForm] = useState(() => splitFormOf(event.defaultSplit));
  const [before, setBefore] = useState(form);
  const split = splitOf(form);
  const dirty = JSON.stringify(form) !== JSON.stringify(before);
  const saving = useEventWrite(eventId, async () => {
    const params = { path: { eventId }, query: { updateMask: "defaultSplit" } };
    const given = { name: event.name, ...(split && { defaultSplit: split }) };
    body(await api.PATCH("/v1/events/{eventId}", { params, body: given }));
    setBefore(form);
    toast(t`Saved. It counts for new expenses.`);
  });
  return (
    <section className="card">
      <form
        className="stack"
        onSubmit={(submit) => {
          submit.preventDefault();
          if (!saving.isPending && split !== undefined) {
            saving.mutate();
          }
        }}
      >
        <h2>
          <Trans>How new expenses are split</Trans>
        </h2>
        <Modes few={active.length <= MOST_MEMBERS} form={form} onChange={setForm} />
        {form.mode === "equal" && <Sharers members={active} form={form} onChange={setForm} />}
        {(form.mode === "weights" || form.mode === "percent") && (
          <Parts members={active} form={form} onChange={setForm} />
        )}
        {saving.error && <Problem error={saving.error} />}
        {dirty && (
          <div className="event-settings-save">
            <Button onClick={() => setForm(before)}>
              <Trans>Undo</Trans>
            </Button>
            <Button type="submit" className="primary" disabled={split === undefined} busy={saving.isPending}>
              <Trans>Save</Trans>
            </Button>
          </div>
        )}
      </form>
    </section>
  );
}

interface FormProps {
  form: SplitForm;
  onChange: (form: SplitForm) => void;
}

function Modes({ few, form, onChange }: FormProps & { few: boolean }): ReactNode {
  const { t } = useLingui();
  const modes: [Mode, string][] = [
    ["usual", t`By usual shares`],
    ["equal", t`Equally`],
    ...(few
      ? ([
          ["weights", t`By shares`],
          ["percent", t`Percent`],
        ] as [Mode, string][])
      : []),
  ];
  return (
    <fieldset className="stack-close">
      <legend className="visually-hidden">
        <Trans>How new expenses are split</Trans>
      </legend>
      <div className="row">
        {modes.map(([mode, words]) => (
          <Chip
            key={mode}
            type="radio"
            name="default-split"
            checked={form.mode === mode}
            onChange={() => onChange({ ...form, mode })}
          >
            {words}
          </Chip>
        ))}
      </div>
      {form.mode === "usual" && (
        <p className="soft small">
          <Trans>Among everybody, by the usual share that each member has.</Trans>
        </p>
      )}
    </fieldset>
  );
}

function Sharers({
  members,
  form,
  onChange,
}: FormProps & { members: readonly Schemas["Member"][] }): ReactNode {
  const all = form.chosen.length === 0;
  const toggle = (id: string, on: boolean): void => {
    const rest = form.chosen.filter((each) => each !== id);
    onChange({ ...form, chosen: on ? [...rest, id] : rest });
  };
  return (
    <fieldset className="stack-close event-settings-among">
      <legend className="legend">
        <Trans>Among</Trans>
      </legend>
      <div className="row">
        <Chip checked={all} onChange={() => onChange({ ...form, chosen: [] })}>
          <Trans>Everybody</Trans>
        </Chip>
        {members.length <= MOST_MEMBERS &&
          members.map(({ id = "", name }) => (
            <Chip
              key={id}
              checked={form.chosen.includes(id)}
              onChange={(change) => toggle(id, change.target.checked)}
            >
              {name}
            </Chip>
          ))}
      </div>
    </fieldset>
  );
}

function Parts({
  members,
  form,
  onChange,
}: FormProps & { members: readonly Schemas["Member"][] }): ReactNode {
  const left = percentLeft(form.typed);
  const rest = percentText(left < 0n ? -left : left);
  return (
    <div className="stack-close">
      {members.map(({ id = "", name }) => (
        <TextField
          key={id}
          label={name}
          inputMode="decimal"
          autoComplete="off"
          value={form.typed[id] ?? ""}
          onChange={(change) => onChange({ ...form, typed: { ...form.typed, [id]: change.target.value } })}
        />
      ))}
      <p role="status" className="soft small">
        {form.mode === "weights" && <Trans>Leave the field of those empty who have no part.</Trans>}
        {form.mode === "percent" && left > 0n && <Trans>{rest} % are still to be given.</Trans>}
        {form.mode === "percent" && left < 0n && <Trans>{rest} % too much.</Trans>}
        {form.mode === "percent" && left === 0n && <Trans>That is 100 %.</Trans>}
      </p>
    </div>
  );
}
