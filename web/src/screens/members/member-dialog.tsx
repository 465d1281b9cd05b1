import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { faultOf, isAtFields, useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import type { MemberRights } from "./rights.ts";
import { RoleField } from "./roles.tsx";
import { parseWeight, weightOf } from "./weight.ts";

const FIELDS = ["name", "role", "weight", "weightDecimal", "colour"];

/** What may be changed of a member. Only what was changed is sent, so that nothing of others is overwritten. */
export function MemberDialog(props: {
  event: Schemas["Event"];
  member: Schemas["Member"];
  rights: MemberRights;
  onInvite: () => void;
  onRemove: () => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const { event, member, rights, onClose } = props;
  const [before] = useState({
    name: member.name ?? "",
    role: member.role ?? "ROLE_EDITOR",
    weight: weightOf(member),
    colour: member.colour ?? "",
  });
  const [form, setForm] = useState(before);
  const [tried, setTried] = useState(false);
  const weight = parseWeight(form.weight);
  const saving = useSaving(event.id ?? "", member.id ?? "", onClose);
  const changed: Schemas["UpdateMemberBody"] = {
    ...(form.name !== before.name && { name: form.name }),
    ...(form.role !== before.role && { role: form.role }),
    ...(weight !== undefined && weight !== before.weight && { weightDecimal: weight }),
    ...(form.colour !== before.colour && { colour: form.colour }),
  };
  const fault = (field: string): string | undefined => faultOf(saving.error, field);
  const { name } = before;
  return (
    <Dialog title={t`Change ${name}`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(submit) => {
          submit.preventDefault();
          setTried(true);
          if (!saving.isPending && weight !== undefined) {
            saving.mutate(changed);
          }
        }}
      >
        {rights.rename && (
          <TextField
            label={t`Name`}
            value={form.name}
            maxLength={200}
            required
            autoComplete="off"
            error={fault("name")}
            onChange={(event) => setForm({ ...form, name: event.target.value })}
          />
        )}
        {rights.role && (
          <RoleField
            value={form.role}
            roles={["ROLE_VIEWER", "ROLE_EDITOR", "ROLE_OWNER"]}
            error={fault("role")}
            onChange={(role) => setForm({ ...form, role })}
          />
        )}
        {rights.weight && (
          <WeightField
            value={form.weight}
            error={
              tried && weight === undefined
                ? t`A number from 0 to 1,000,000, with at most three decimals.`
                : (fault("weightDecimal") ?? fault("weight"))
            }
            onChange={(typed) => setForm({ ...form, weight: typed })}
          />
        )}
        {rights.rename && (
          <ColourField
            value={form.colour}
            error={fault("colour")}
            onChange={(colour) => setForm({ ...form, colour })}
          />
        )}
        {saving.error && !isAtFields(saving.error, FIELDS) && <Problem error={saving.error} />}
        <DialogButtons onClose={onClose}>
          <Button type="submit" className="primary" busy={saving.isPending}>
            <Trans>Save</Trans>
          </Button>
        </DialogButtons>
      </form>
      {rights.remove && (
        <div className="members-further">
          {!member.userId && (
            <Button onClick={props.onInvite}>
              <Trans>Invite {name}</Trans>
            </Button>
          )}
          <Button className="danger" onClick={props.onRemove}>
            <Trans>Remove {name}</Trans>
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function useSaving(eventId: string, memberId: string, onDone: () => void) {
  const { t } = useLingui();
  return useEventWrite(eventId, async (changed: Schemas["UpdateMemberBody"]) => {
    const updateMask = Object.keys(changed).join(",");
    if (updateMask) {
      const params = { path: { eventId, memberId }, query: { updateMask } };
      const saved = body(
        await api.PATCH("/v1/events/{eventId}/members/{memberId}", { params, body: changed }),
      );
      toast(saved.namesakeMemberId ? t`Saved. Another member has the same name.` : t`Saved.`);
    }
    onDone();
  });
}

/** The usual share of a member in new expenses. */
export function WeightField(props: {
  value: string;
  error?: string | undefined;
  onChange: (typed: string) => void;
}): ReactNode {
  const { t } = useLingui();
  return (
    <TextField
      label={t`Usual share`}
      hint={t`1 for one person, 2 for a couple, 0.5 for a child, 0 for none. It counts in new expenses.`}
      inputMode="decimal"
      autoComplete="off"
      value={props.value}
      error={props.error}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

function ColourField(props: {
  value: string;
  error?: string | undefined;
  onChange: (colour: string) => void;
}): ReactNode {
  const { t } = useLingui();
  return (
    <div className="members-colour">
      <TextField
        label={t`Colour`}
        type="color"
        className="members-colour-input"
        value={props.value || "#55605c"}
        error={props.error}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.value !== "" && (
        <Button className="plain" onClick={() => props.onChange("")}>
          <Trans>Choose for me</Trans>
        </Button>
      )}
    </div>
  );
}
