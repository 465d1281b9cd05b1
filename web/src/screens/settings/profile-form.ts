import type { Schemas } from "../../api/client.ts";

export interface ProfileForm {
  name: string;
  locale: string;
  timeZone: string;
  currencyCode: string;
  mailMode: Schemas["MailMode"];
}

export function profileOf(user: Schemas["User"]): ProfileForm {
  const { mailMode = "MAIL_MODE_EACH_CHANGE" } = user;
  return {
    name: user.name,
    locale: user.locale || "en",
    timeZone: user.timeZone || "UTC",
    currencyCode: user.currencyCode || "EUR",
    mailMode: mailMode === "MAIL_MODE_UNSPECIFIED" ? "MAIL_MODE_EACH_CHANGE" : mailMode,
  };
}

/** The fields that differ, with their new values. */
export function changedFields<Form extends object>(before: Form, form: Form): Partial<Form> {
  const keys = Object.keys(form) as (keyof Form)[];
  const changed = keys.filter((key) => form[key] !== before[key]);
  return Object.fromEntries(changed.map((key) => [key, form[key]])) as Partial<Form>;
}
