import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";

/** The button of somebody who is logged in. rename: the name is like that of a member, so another is asked for. */
export function JoinButton(props: {
  button: string;
  user: Schemas["User"];
  token: string;
  busy: boolean;
  rename: boolean;
  onJoin: (name?: string) => void;
}): ReactNode {
  const { t } = useLingui();
  const { user, rename } = props;
  const [name, setName] = useState(user.name);
  return (
    <form
      className="stack-close"
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.busy) {
          props.onJoin(rename && name !== user.name ? name : undefined);
        }
      }}
    >
      {rename && (
        <TextField
          label={t`Your name`}
          hint={t`It becomes the name of your account, for all your events.`}
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={200}
          required
        />
      )}
      <Button type="submit" className="primary wide" busy={props.busy}>
        {props.button}
      </Button>
      <p className="soft small join-user">
        <Trans>
          You are logged in as {user.email}.{" "}
          <Link href={`/login?next=${encodeURIComponent(`/invitations/${props.token}`)}`}>Not you?</Link>
        </Trans>
      </p>
    </form>
  );
}
