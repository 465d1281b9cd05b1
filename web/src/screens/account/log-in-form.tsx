import { useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { logIn, type Entered } from "./entering.ts";
import { fieldsOf } from "./form-fields.ts";
import { PasswordField } from "./password-field.tsx";
import { useFaults } from "./refusals.tsx";
import "./account.css";

/** The form of a log-in. button: what it says on its button. email: to begin with. */
export function LogInForm(props: {
  button: string;
  email?: string;
  onDone: (entered: Entered) => void;
}): ReactNode {
  const { t } = useLingui();
  const entering = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) => logIn(email, password),
    onSuccess: props.onDone,
  });
  const faults = useFaults(entering.error, ["email", "password"]);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!entering.isPending) {
          entering.mutate(fieldsOf(event.currentTarget, ["email", "password"]));
        }
      }}
    >
      <TextField
        label={t`E-mail address`}
        name="email"
        type="email"
        autoComplete="username"
        defaultValue={props.email}
        maxLength={254}
        required
        error={faults.of("email")}
      />
      <PasswordField isNew={false} error={faults.of("password")} />
      {faults.rest}
      <Button type="submit" className="primary wide" busy={entering.isPending}>
        {props.button}
      </Button>
    </form>
  );
}
