import { useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useRef, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { logIn, signUp, type Entered, type NewAccount } from "./entering.ts";
import { fieldsOf } from "./form-fields.ts";
import { PasswordField } from "./password-field.tsx";
import { useFaults } from "./refusals.tsx";
import "./account.css";

/** The form of a new account, which then also logs in. button: what it says on its button. name: to begin with. */
export function SignUpForm(props: {
  button: string;
  name?: string;
  onDone: (entered: Entered) => void;
}): ReactNode {
  const { t } = useLingui();
  // If only the log-in fails, the next press of the button does not sign up again.
  const created = useRef("");
  const entering = useMutation({
    mutationFn: async (account: NewAccount) => {
      if (created.current !== account.email) {
        await signUp(account);
        created.current = account.email;
      }
      return logIn(account.email, account.password);
    },
    onSuccess: props.onDone,
  });
  const faults = useFaults(entering.error, ["name", "email", "password"]);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!entering.isPending) {
          entering.mutate(fieldsOf(event.currentTarget, ["name", "email", "password"]));
        }
      }}
    >
      <TextField
        label={t`Your name`}
        name="name"
        autoComplete="name"
        defaultValue={props.name}
        maxLength={200}
        required
        hint={t`Your friends see it.`}
        error={faults.of("name")}
      />
      <TextField
        label={t`E-mail address`}
        name="email"
        type="email"
        autoComplete="username"
        maxLength={254}
        required
        error={faults.of("email")}
      />
      <PasswordField isNew error={faults.of("password")} />
      {faults.rest}
      <Button type="submit" className="primary wide" busy={entering.isPending}>
        {props.button}
      </Button>
    </form>
  );
}
