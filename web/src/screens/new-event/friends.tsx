import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useState, type ReactNode } from "react";
import { Refusal } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { useFaults } from "../account/refusals.tsx";
import { changed, type Friend } from "./creating.ts";

/** Who is with the user: names, and an address for those who are to be invited by mail. */
export function Friends(props: {
  friends: readonly Friend[];
  onChange: (friends: readonly Friend[]) => void;
  typed: string;
  onType: (typed: string) => void;
  onAdd: () => void;
  verified: boolean;
}): ReactNode {
  const { t } = useLingui();
  const input = useRef<HTMLDivElement>(null);
  const { friends, onChange } = props;
  const addAndGoOn = (): void => {
    props.onAdd();
    input.current?.querySelector("input")?.focus();
  };
  const change = (next: Friend): void =>
    onChange(friends.map((friend) => (friend.id === next.id ? next : friend)));
  return (
    <fieldset className="stack-close new-event-friends">
      <legend className="legend">
        <Trans>Who is with you?</Trans>
      </legend>
      <ul className="card new-event-list" aria-live="polite">
        {friends.map((friend) => (
          <FriendRow
            key={friend.id}
            friend={friend}
            onChange={change}
            onRemove={() => onChange(friends.filter(({ id }) => id !== friend.id))}
          />
        ))}
      </ul>
      <div className="new-event-add" ref={input}>
        <TextField
          label={<Trans>Name of a friend</Trans>}
          hint={t`They need no account. Several at once: Bo, Cy, Dee`}
          value={props.typed}
          onChange={(event) => props.onType(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing && props.typed.trim()) {
              event.preventDefault();
              addAndGoOn();
            }
          }}
          autoComplete="off"
          enterKeyHint="enter"
        />
        <Button onClick={addAndGoOn}>
          <Trans>Add</Trans>
        </Button>
      </div>
      {!props.verified && friends.some(({ email }) => email) && (
        <p className="soft small">
          <Trans>The invitations are mailed once you have confirmed your own address.</Trans>
        </p>
      )}
    </fieldset>
  );
}

function FriendRow(props: {
  friend: Friend;
  onChange: (friend: Friend) => void;
  onRemove: () => void;
}): ReactNode {
  const { t } = useLingui();
  const { friend } = props;
  const [withEmail, setWithEmail] = useState(false);
  const [corrected, setCorrected] = useState(false);
  const { name, fault } = friend;
  const edit = (change: { name?: string; email?: string }): void => props.onChange(changed(friend, change));
  const faultOf = useFriendFault(fault);
  if (friend.added) {
    return (
      <li className="new-event-friend new-event-added spread">
        <span>{name}</span>
        <span className="soft small">
          <span aria-hidden="true">✓ </span>
          <Trans>added</Trans>
        </span>
      </li>
    );
  }
  return (
    <li className="new-event-friend stack-close">
      <div className="spread">
        <span className="grow">{name}</span>
        {!withEmail && (
          <Button className="plain" aria-label={t`Invite ${name} by mail`} onClick={() => setWithEmail(true)}>
            <Trans>Invite by mail</Trans>
          </Button>
        )}
        <Button className="icon" aria-label={t`Remove ${name}`} onClick={props.onRemove}>
          <span aria-hidden="true">✕</span>
        </Button>
      </div>
      {(fault !== undefined || corrected) && (
        <TextField
          label={t`Name`}
          value={name}
          onChange={(event) => {
            setCorrected(true);
            edit({ name: event.target.value });
          }}
          maxLength={200}
          required
          error={faultOf("name")}
        />
      )}
      {withEmail && (
        <TextField
          label={t`E-mail address of ${name}`}
          type="email"
          value={friend.email}
          onChange={(event) => edit({ email: event.target.value })}
          maxLength={254}
          autoComplete="off"
          error={faultOf("email")}
        />
      )}
    </li>
  );
}

/** What is wrong with a friend, at the field that it is about; at the name if it is about none. */
function useFriendFault(fault: unknown): (field: "name" | "email") => string | undefined {
  const { t } = useLingui();
  const faults = useFaults(fault, ["name", "email"]);
  return (field) => {
    const other = fault instanceof Refusal ? fault.message : t`This did not work. Try again.`;
    return faults.of(field) ?? (field === "name" && faults.rest ? other : undefined);
  };
}
