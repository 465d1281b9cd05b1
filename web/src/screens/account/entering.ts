/** Opening an account and a session, which the browser then keeps in a cookie. */

import { api, body, Refusal, type Schemas } from "../../api/client.ts";
import { localTimeZone } from "../../dates.ts";
import { enter } from "../../session.tsx";
import { accountLocale, clientName, deviceCurrency } from "./device.ts";

export interface NewAccount {
  name: string;
  email: string;
  password: string;
}

/** Who has come in. withdrawn: this log-in took back a deletion of the account. */
export interface Entered {
  user: Schemas["User"];
  withdrawn: boolean;
}

/** @throws Refusal, NoAnswer, TypeError */
export async function logIn(email: string, password: string): Promise<Entered> {
  const client = clientName(navigator.userAgent);
  const opened = body(await api.POST("/v1/sessions", { body: { email, password, client, cookie: true } }));
  const user = opened.user ?? body(await api.GET("/v1/users/me"));
  await enter(user);
  return { user, withdrawn: opened.deletionWithdrawn ?? false };
}

/** Creates the account. The language, time zone and currency are those of this device. */
export async function signUp(account: NewAccount): Promise<void> {
  const currencyCode = deviceCurrency(navigator.language);
  const guessed = {
    locale: accountLocale(),
    timeZone: localTimeZone(),
    ...(currencyCode && { currencyCode }),
  };
  try {
    body(await api.POST("/v1/users", { body: { ...account, ...guessed } }));
  } catch (error) {
    // A browser may know a time zone that the server does not.
    if (!(error instanceof Refusal && error.violations.some(({ field }) => field in guessed))) {
      throw error;
    }
    body(await api.POST("/v1/users", { body: account }));
  }
}
