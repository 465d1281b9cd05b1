import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useSearch } from "wouter";
import { isSignedOut, Refusal, type Schemas } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { invitationPreviewQuery } from "../../state/queries.ts";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { Account } from "./account.tsx";
import { AcceptProblem } from "./accept-problem.tsx";
import { choiceOf, SOMEBODY_NEW } from "./choice.ts";
import { JoinButton } from "./join-button.tsx";
import { Preview } from "./preview.tsx";
import { Unusable } from "./unusable.tsx";
import { useAccept } from "./use-accept.ts";
import { WhoAreYou } from "./who-are-you.tsx";
import "./join.css";

/** The screen behind an invitation. Opening it accepts nothing. */
export default function Join({ token }: { token: string }): ReactNode {
  const { t } = useLingui();
  const preview = useQuery(invitationPreviewQuery(token));
  const { error } = preview;
  const unusable = error instanceof Refusal && [400, 404].includes(error.status) ? error : undefined;
  return (
    <Page title={t`Invitation`} back="/">
      {unusable && <Unusable error={unusable} />}
      {error && !unusable && <Problem error={error} retry={() => void preview.refetch()} />}
      {preview.isPending && <Loading />}
      {preview.data && !unusable && <Invited token={token} preview={preview.data} />}
    </Page>
  );
}

function Invited({ token, preview }: { token: string; preview: Schemas["InvitationPreview"] }): ReactNode {
  const { t } = useLingui();
  const { user, error } = useSession();
  const asked = new URLSearchParams(useSearch()).get("as") ?? "";
  const { guests = [], eventName = "", inviterName = "", memberId: named = "" } = preview;
  const [picked, setPicked] = useState(asked);
  const choice = choiceOf(picked, guests, named);
  const guest = guests.find(({ memberId }) => memberId === choice);
  const accepting = useAccept(token, eventName);
  const accept = (name?: string): void =>
    accepting.mutate({ memberId: choice === SOMEBODY_NEW ? "" : (choice ?? ""), ...(name && { name }) });
  const button = guest?.name ? t`Join as ${guest.name}` : t`Join ${eventName}`;
  return (
    <>
      <Preview preview={preview} />
      {preview.archived && (
        <Message kind="note">
          <Trans>This event is archived, so nobody can join. Ask {inviterName} to reopen it.</Trans>
        </Message>
      )}
      {guests.length > 0 && !named && (
        <WhoAreYou guests={guests} choice={choice} asked={asked} onChoose={setPicked} />
      )}
      {choice !== undefined && user === null && (
        <Account button={button} name={guest?.name ?? ""} onDone={() => accept()} />
      )}
      {accepting.error && !isSignedOut(accepting.error) && <AcceptProblem error={accepting.error} />}
      {choice !== undefined && user && (
        <JoinButton
          button={button}
          user={user}
          token={token}
          busy={accepting.isPending}
          rename={accepting.error instanceof Refusal && accepting.error.reason === "NAME_LOOKS_LIKE_ANOTHER"}
          onJoin={accept}
        />
      )}
      {choice === undefined && (
        <p className="soft">
          <Trans>
            Choose who you are, to go on. All that your friends entered for this name is then yours.
          </Trans>
        </p>
      )}
      {error && <Problem error={error} />}
    </>
  );
}
