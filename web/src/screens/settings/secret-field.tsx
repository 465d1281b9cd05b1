import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Refusal } from "../../api/client.ts";
import { TextField } from "../../ui/field.tsx";

/** A password in a form of the settings. isNew: it is being chosen. */
export function SecretField(props: {
  label: string;
  value: string;
  isNew?: boolean;
  error?: string | undefined;
  onChange: (typed: string) => void;
}): ReactNode {
  const { t } = useLingui();
  return (
    <TextField
      label={props.label}
      type="password"
      required
      autoComplete={props.isNew ? "new-password" : "current-password"}
      hint={props.isNew ? t`10 to 256 characters.` : undefined}
      value={props.value}
      error={props.error}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

/** Whether the server refused the password that proves who asks. */
export function isWrongPassword(error: unknown): boolean {
  return error instanceof Refusal && error.reason === "CREDENTIALS_WRONG";
}
