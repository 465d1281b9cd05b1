import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { toast } from "../../ui/toast.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { Chip } from "../../ui/field.tsx";
import type { Entered } from "../account/entering.ts";
import { LogInForm } from "../account/log-in-form.tsx";
import { SignUpForm } from "../account/sign-up-form.tsx";

/** Signs up or logs in, and then joins. name: that of the guest, for a new account. */
export function Account(props: { button: string; name: string; onDone: () => void }): ReactNode {
  const { t } = useLingui();
  const [isNew, setNew] = useState(true);
  const done = ({ withdrawn }: Entered): void => {
    if (withdrawn) {
      toast(t`Your account is not deleted: this log-in took that back.`);
    }
    props.onDone();
  };
  return (
    <section className="stack">
      <fieldset className="stack-close join-choice">
        <legend className="legend">
          <Trans>Your account</Trans>
        </legend>
        <div className="row">
          <Chip type="radio" name="account" checked={isNew} onChange={() => setNew(true)}>
            <Trans>I am new to howmuch</Trans>
          </Chip>
          <Chip type="radio" name="account" checked={!isNew} onChange={() => setNew(false)}>
            <Trans>I have an account</Trans>
          </Chip>
        </div>
      </fieldset>
      {isNew ? (
        <SignUpForm key={props.name} button={props.button} name={props.name} onDone={done} />
      ) : (
        <>
          <LogInForm button={props.button} onDone={done} />
          <LinkButton className="plain" href="/forgot-password">
            <Trans>I forgot the password</Trans>
          </LinkButton>
        </>
      )}
    </section>
  );
}
