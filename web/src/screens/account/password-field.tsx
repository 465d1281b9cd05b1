import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";

/** A password, which can be shown. isNew: it is being chosen, so the rule is shown and the browser may propose one. */
export function PasswordField(props: { isNew: boolean; error?: string | undefined }): ReactNode {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  const hint = props.isNew
    ? t`At least 10 characters. A few words that do not belong together are easy to remember.`
    : undefined;
  return (
    <div className="account-password">
      <TextField
        label={t`Password`}
        name="password"
        type={shown ? "text" : "password"}
        autoComplete={props.isNew ? "new-password" : "current-password"}
        autoCapitalize="none"
        spellCheck={false}
        required
        hint={hint}
        error={props.error}
      />
      <Button className="plain account-show" aria-pressed={shown} onClick={() => setShown(!shown)}>
        <span aria-hidden="true">{shown ? <Trans>Hide</Trans> : <Trans>Show</Trans>}</span>
        <span className="visually-hidden">
          <Trans>Show the password</Trans>
        </span>
      </Button>
    </div>
  );
}
