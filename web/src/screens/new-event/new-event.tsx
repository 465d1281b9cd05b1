import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { Redirect, useLocation } from "wouter";
import { isSignedOut, type Schemas } from "../../api/client.ts";
import { newEventId } from "../../api/ids.ts";
import { useSession } from "../../session.tsx";
import { meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { refresh } from "../../state/live.ts";
import { BottomBar } from "../../ui/bottom-bar.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import { CurrencyField } from "../../ui/currency-field.tsx";
import { TextField } from "../../ui/field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { useFaults } from "../account/refusals.tsx";
import { addFriend, createEvent, namesIn, newFriend, type Friend, type NewEvent } from "./creating.ts";
import { Friends } from "./friends.tsx";
import { keepTyped, takeTyped } from "./typed.ts";
import "./new-event.css";

export default function Screen(): ReactNode {
  const { t } = useLingui();
  const { user, error } = useSession();
  // Where the session ends while somebody types, the form stays, with what is in it.
  const [shown, setShown] = useState(user);
  if (user && user !== shown) {
    setShown(user);
  }
  if (user === null && !shown) {
    return <Redirect to="/signup?next=%2Fevents%2Fnew" replace />;
  }
  return (
    <Page title={t`Start a trip`} back="/">
      {shown && <Form key={shown.id} user={shown} />}
      {!shown && error && <Problem error={error} retry={() => void queryClient.refetchQueries(meQuery)} />}
      {!shown && !error && <Loading />}
    </Page>
  );
}

function Form({ user }: { user: Schemas["User"] }): ReactNode {
  const { t } = useLingui();
  const userId = user.id ?? "";
  const [begun] = useState(() => takeTyped(userId));
  const [eventId] = useState(begun?.eventId ?? newEventId);
  const [name, setName] = useState(begun?.name ?? "");
  const [currencyCode, setCurrency] = useState(begun?.currencyCode ?? (user.currencyCode || "EUR"));
  const [friends, setFriends] = useState<readonly Friend[]>(begun?.friends ?? []);
  const [typed, setTyped] = useState(begun?.adding ?? "");
  const starting = useStart(eventId, setFriends);
  const hasEnded = isSignedOut(starting.error);
  useEffect(() => {
    if (hasEnded) {
      keepTyped(userId, { eventId, name, currencyCode, friends, adding: typed });
    }
  }, [hasEnded, userId, eventId, name, currencyCode, friends, typed]);
  const faults = useFaults(starting.error, ["name", "currencyCode"]);
  const add = (): readonly Friend[] => {
    const all = [...friends, ...namesIn(typed).map(newFriend)];
    setFriends(all);
    setTyped("");
    return all;
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!starting.isPending) {
          starting.mutate({ event: { name, currencyCode }, friends: add() });
        }
      }}
    >
      <TextField
        label={t`What is it?`}
        hint={t`A trip, a flat, an evening: “Lisbon”`}
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={200}
        autoComplete="off"
        required
        error={faults.of("name")}
      />
      <CurrencyField
        label={<Trans>Currency</Trans>}
        value={currencyCode}
        onChange={setCurrency}
        error={faults.of("currencyCode")}
      />
      <Friends
        friends={friends}
        onChange={setFriends}
        typed={typed}
        onType={setTyped}
        onAdd={add}
        verified={user.emailVerified ?? false}
      />
      {faults.rest}
      {starting.createdId && !starting.isPending && <HalfDone eventId={starting.createdId} />}
      <BottomBar>
        <Button type="submit" className="primary wide" busy={starting.isPending}>
          {starting.isPending ? <Trans>One moment…</Trans> : <Trans>Start</Trans>}
        </Button>
      </BottomBar>
    </form>
  );
}

/** The event is there, and some friends could not be added. */
function HalfDone({ eventId }: { eventId: string }): ReactNode {
  return (
    <Message kind="note">
      <div className="stack-close">
        <p>
          <Trans>
            The event is there, but not all friends are in it yet. Correct them above and try again.
          </Trans>
        </p>
        <LinkButton href={`/events/${eventId}`}>
          <Trans>Go on without them</Trans>
        </LinkButton>
      </div>
    </Message>
  );
}

interface Start {
  event: NewEvent;
  friends: readonly Friend[];
}

/** Creates the event, adds the friends who are not in it yet, and opens it once all are. */
function useStart(eventId: string, setFriends: (friends: readonly Friend[]) => void) {
  const [, navigate] = useLocation();
  const [createdId, setCreatedId] = useState("");
  const starting = useMutation({
    mutationFn: async ({ event, friends }: Start) => {
      await createEvent(eventId, event);
      setCreatedId(eventId);
      const all = [...friends];
      for (const [index, friend] of all.entries()) {
        if (!friend.added) {
          all[index] = await addFriend(eventId, friend);
          setFriends([...all]);
        }
      }
      return all;
    },
    onSuccess: (all) => {
      if (all.every((friend) => friend.added)) {
        navigate(`/events/${eventId}`, { replace: true });
      }
    },
    onSettled: () => refresh(queryClient, eventId),
  });
  return { ...starting, createdId };
}
