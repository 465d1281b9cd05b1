import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { faultOf, isAtFields, useEventWrite } from "../../state/write.ts";
import { Button } from "../../ui/button.tsx";
import { DialogButtons } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import { WeightField } from "./member-dialog.tsx";
import { NotVerified } from "./not-verified.tsx";
import { parseWeight } from "./weight.ts";

const FIELDS = ["name", "email", "weight", "weightDecimal"];

/** Adds somebody who has no account, and invites them by mail if an address is given. */
export function AddGuest({ event, onClose }: { event: Schemas["Event"]; onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const { user } = useSession();
  const eventId = event.id ?? "";
  const [form, setForm] = useState({ name: "", email: "", weight: "1" });
  const weight = parseWeight(form.weight);
  const adding = useEventWrite(eventId, async (given: Schemas["AddMemberBody"]) => {
    const params = { path: { eventId } };
    const added = body(await api.POST("/v1/events/{eventId}/members", { params, body: given }));
    const { name = "" } = added;
    toast(added.namesakeMemberId ? t`${name} is in. Another member has the same name.` : t`${name} is in.`);
    onClose();
  });
  const willMail = form.email.trim() !== "";
  return (
    <Dialog title={t`Add somebody by name`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(submit) => {
          submit.preventDefault();
          if (!adding.isPending && weight !== undefined) {
            const email = form.email.trim();
            adding.mutate({ name: form.name.trim(), weightDecimal: weight, ...(email && { email }) });
          }
        }}
      >
        <p className="soft small">
          <Trans>They need no account. You can invite them at any time; then they take their place.</Trans>
        </p>
        <TextField
          label={t`Name`}
          value={form.name}
          maxLength={200}
          required
          autoComplete="off"
          error={faultOf(adding.error, "name")}
          onChange={(change) => setForm({ ...form, name: change.target.value })}
        />
        <TextField
          label={t`E-mail address, if you want to invite them now`}
          type="email"
          value={form.email}
          maxLength={254}
          autoComplete="off"
          error={faultOf(adding.error, "email")}
          onChange={(change) => setForm({ ...form, email: change.target.value })}
        />
        {willMail && user?.emailVerified === false && (
          <Message kind="note">
            <NotVerified />
          </Message>
        )}
        <WeightField
          value={form.weight}
          error={
            weight === undefined
              ? t`A number from 0 to 1,000,000, with at most three decimals.`
              : (faultOf(adding.error, "weightDecimal") ?? faultOf(adding.error, "weight"))
          }
          onChange={(typed) => setForm({ ...form, weight: typed })}
        />
        {adding.error && !isAtFields(adding.error, FIELDS) && <Problem error={adding.error} />}
        <DialogButtons onClose={onClose}>
          <Button type="submit" className="primary" busy={adding.isPending}>
            {willMail && user?.emailVerified ? <Trans>Add and invite</Trans> : <Trans>Add</Trans>}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
