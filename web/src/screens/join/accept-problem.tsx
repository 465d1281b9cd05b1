import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Refusal } from "../../api/client.ts";
import { Message, Problem } from "../../ui/message.tsx";

/** Why the invitation could not be accepted, and what to do. */
export function AcceptProblem({ error }: { error: Error }): ReactNode {
  const { t } = useLingui();
  const sentences: Record<string, string> = {
    GUEST_TAKEN: t`Another person has just taken this name. Choose another, or join as somebody new.`,
    GUEST_NEEDS_OWNER: t`Only an owner of the event can let you take over this name. Ask one, or choose another.`,
    NAME_LOOKS_LIKE_ANOTHER: t`Your name looks like that of another member. Write it so that it differs visibly.`,
    INVITATION_BEFORE_LEAVING: t`This invitation was made before you left the event. Ask a member for a new one.`,
    BARRED: t`An owner has barred you from this event. Ask an owner to lift that.`,
    EVENT_ARCHIVED: t`This event is archived, so nobody can join. Ask an owner to reopen it; then this link works again.`,
  };
  const sentence = error instanceof Refusal ? sentences[error.reason] : undefined;
  return sentence ? <Message kind="fault">{sentence}</Message> : <Problem error={error} />;
}
