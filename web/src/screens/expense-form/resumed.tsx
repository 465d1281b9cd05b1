import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Page } from "../../ui/page.tsx";
import { dropDraft, useDraft, type Draft } from "./draft.ts";
import type { FormState } from "./model/form-state.ts";
import type { Given } from "./use-form.ts";

/** Offers what was being typed when the form was left, and then shows the form. */
export function Resumed(props: {
  given: Given;
  title: string;
  back: string;
  children: (given: Given, started: FormState) => ReactNode;
}): ReactNode {
  const { given } = props;
  const [draft, setDraft] = useDraft(given.draftKey);
  const [going, setGoing] = useState(false);
  if (draft === null) {
    return props.children(given, given.initial);
  }
  if (draft && going) {
    return props.children(withDraft(given, draft), draft.state);
  }
  return (
    <Page title={props.title} back={props.back}>
      {draft ? (
        <Offer
          draft={draft}
          changing={given.etag !== undefined}
          onGo={() => setGoing(true)}
          onDrop={() => {
            void dropDraft(given.draftKey);
            setDraft(null);
          }}
        />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function withDraft(given: Given, draft: Draft): Given {
  const { expenseId, etag } = draft;
  return { ...given, expenseId, ...(etag !== undefined && { etag }) };
}

function Offer(props: { draft: Draft; changing: boolean; onGo: () => void; onDrop: () => void }): ReactNode {
  const { t } = useLingui();
  const { reason, amount, currency } = props.draft.state;
  const what = [reason || t`something`, amount && `${amount} ${currency}`].filter(Boolean).join(", ");
  return (
    <section className="card stack">
      <p>
        {props.changing ? (
          <Trans>
            You were changing <strong>{what}</strong>. What you typed is not saved yet.
          </Trans>
        ) : (
          <Trans>
            You were adding <strong>{what}</strong>. It is not saved yet.
          </Trans>
        )}
      </p>
      <div className="row">
        <Button className="primary" onClick={props.onGo}>
          <Trans>Go on</Trans>
        </Button>
        <Button className="danger" onClick={props.onDrop}>
          <Trans>Throw away</Trans>
        </Button>
      </div>
    </section>
  );
}
