import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Refusal } from "../../api/client.ts";
import { Message, Problem } from "../../ui/message.tsx";

/** The sentences for refusals, by reason. Others are in the words of the server. */
function useSentences(): Record<string, string> {
  const { t } = useLingui();
  return {
    EMAIL_TAKEN: t`This address has an account already. Log in with it, or use another address.`,
    EMAIL_MALFORMED: t`This is not an e-mail address. It looks like ana@example.com.`,
    PASSWORD_LENGTH: t`This is too short or too long: a password has 10 to 256 characters.`,
    PASSWORD_TOO_COMMON: t`This password is easy to guess. Choose another one.`,
    CREDENTIALS_WRONG: t`The address or the password is wrong. Check both, and try again.`,
    NAME_LOOKS_LIKE_ANOTHER: t`This name looks like that of another member. Write it so that it differs visibly.`,
    FIELD_REQUIRED: t`This is missing.`,
    TEXT_TOO_LONG: t`This is too long.`,
    CHARACTER_NOT_ALLOWED: t`This has a character that is not allowed, such as a line break.`,
    CURRENCY_UNKNOWN: t`Choose a currency from the list.`,
    TOO_MANY_REQUESTS: t`That was too often. Wait a minute, then try again.`,
    TOO_MANY_PASSWORD_CHECKS: t`That was too often. Wait a minute, then try again.`,
  };
}

export interface Faults {
  /** What is wrong with a field of the request. */
  of: (field: string) => string | undefined;
  /** What is wrong otherwise; nothing if each fault stands at its field. */
  rest: ReactNode;
}

/** Where each part of an error is shown. fields: those that have a place for theirs. */
export function useFaults(error: unknown, fields: readonly string[]): Faults {
  const sentences = useSentences();
  if (!(error instanceof Refusal)) {
    return { of: () => undefined, rest: error ? <Problem error={error} /> : null };
  }
  const { reason, violations } = error;
  const taken = reason === "EMAIL_TAKEN" && fields.includes("email");
  const found = taken ? [{ field: "email", reason, description: "" }] : violations;
  const of = (field: string): string | undefined => {
    const fault = found.find((each) => each.field === field);
    return fault && (sentences[fault.reason] ?? fault.description);
  };
  if (found.length > 0 && found.every((fault) => fields.includes(fault.field))) {
    return { of, rest: null };
  }
  const sentence = sentences[reason];
  return { of, rest: sentence ? <Message kind="fault">{sentence}</Message> : <Problem error={error} /> };
}
