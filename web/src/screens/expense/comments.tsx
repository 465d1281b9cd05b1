import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent, type ReactNode } from "react";
import { api, body, Refusal, type Schemas } from "../../api/client.ts";
import { formatAgo } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { outbox, useWrites } from "../../outbox/index.ts";
import { refresh } from "../../state/live.ts";
import { commentsQuery } from "../../state/queries.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { TextArea } from "../../ui/field.tsx";
import { Problem } from "../../ui/message.tsx";
import { More } from "../../ui/more.tsx";
import { toast } from "../../ui/toast.tsx";
import { WriteState } from "../../ui/write-state.tsx";
import type { People } from "../event/people.ts";

interface Of {
  eventId: string;
  expense: Schemas["Expense"];
  people: People;
}

export function Comments({ eventId, expense, people, readOnly }: Of & { readOnly: boolean }): ReactNode {
  const expenseId = expense.id ?? "";
  const pages = useInfiniteQuery(commentsQuery(eventId, expenseId));
  const comments = pages.data?.pages.flatMap((page) => page.comments ?? []) ?? [];
  const waiting = useWrites(eventId).flatMap(({ key, operation, refused }) =>
    operation.kind === "comment" && operation.expenseId === expenseId
      ? [{ key, text: operation.text, refused: refused !== undefined }]
      : [],
  );
  return (
    <section className="stack-close">
      <h2>
        <Trans>Comments</Trans>
      </h2>
      {pages.error && !pages.data && <Problem error={pages.error} retry={() => void pages.refetch()} />}
      <ul className="stack-close">
        {comments.map((comment) => (
          <Comment key={comment.id} comment={comment} people={people} readOnly={readOnly} />
        ))}
        {waiting.map(({ key, text, refused }) => (
          <Bubble key={key} author={people.me} people={people} text={text}>
            <WriteState state={refused ? "refused" : "waiting"} />
          </Bubble>
        ))}
      </ul>
      <More pages={pages} />
      {!readOnly && <NewComment eventId={eventId} expenseId={expenseId} />}
    </section>
  );
}

function Comment(props: { comment: Schemas["Comment"]; people: People; readOnly: boolean }): ReactNode {
  const { comment, people, readOnly } = props;
  const { id: commentId = "", eventId = "", expenseId = "" } = comment;
  const { t } = useLingui();
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const params = { path: { eventId, expenseId, commentId } };
      return body(
        await api.DELETE("/v1/events/{eventId}/expenses/{expenseId}/comments/{commentId}", { params }),
      );
    },
    onSuccess: async () => {
      toast(t`The comment is deleted.`);
      await refresh(client, eventId);
    },
  });
  return (
    <Bubble author={comment.authorMemberId} people={people} text={comment.text ?? ""}>
      <span className="small soft">{formatAgo(comment.createTime ?? "", formatLocale())}</span>
      {comment.authorMemberId === people.me && !readOnly && (
        <Button className="plain small" busy={isPending} onClick={() => mutate()}>
          <Trans>Delete</Trans>
        </Button>
      )}
      {error && <Problem error={error} />}
    </Bubble>
  );
}

function Bubble(props: {
  author: string | undefined;
  people: People;
  text: string;
  children: ReactNode;
}): ReactNode {
  const { author, people, text } = props;
  return (
    <li className="comment">
      <Avatar member={people.members.get(author ?? "")} />
      <div className="grow">
        <div className="row">
          <b>{people.name(author)}</b>
          {props.children}
        </div>
        <p className="comment-text">{text}</p>
      </div>
    </li>
  );
}

const LONGEST = 2000;

function NewComment({ eventId, expenseId }: { eventId: string; expenseId: string }): ReactNode {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const written = text.trim();
    if (busy || written === "") {
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await outbox.add(eventId, { kind: "comment", expenseId, text: written });
      setText("");
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  }

  const ofField = error instanceof Refusal ? error.violations[0]?.description : undefined;
  return (
    <form className="stack-close comment-new" onSubmit={(event) => void send(event)}>
      <TextArea
        label={t`Your comment`}
        rows={1}
        maxLength={LONGEST}
        value={text}
        error={ofField}
        onChange={(event) => setText(event.target.value)}
      />
      {error !== undefined && !ofField && <Problem error={error} />}
      <Button type="submit" busy={busy || text.trim() === ""}>
        <Trans>Comment</Trans>
      </Button>
    </form>
  );
}
