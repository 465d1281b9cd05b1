import { i18n } from "@lingui/core";
import { body, connectInBrowser, NoAnswer, Refusal, watch, type Schemas } from "howmuch-client/rest";

/** The API of this origin, in the session of the cookie. */
export const api = connectInBrowser();

// Sentences of the server come in the language of the app, which need not be that of the browser.
api.use({
  onRequest({ request }) {
    request.headers.set("accept-language", i18n.locale || "en");
    return request;
  },
});

export { body, NoAnswer, Refusal, watch };
export type { Schemas };

/** Whether no answer came: the network or the server is away, and the same request may work later. */
export function isUnreachable(error: unknown): boolean {
  return (
    error instanceof NoAnswer ||
    error instanceof TypeError ||
    (error instanceof Refusal && error.status === 503)
  );
}

/** Whether the server says that nobody is logged in, or no longer. A wrong password says nothing of the session. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Refusal && error.status === 401 && error.reason !== "CREDENTIALS_WRONG";
}

/** The refusal that the server would answer, where this browser has no session. */
export function sessionEnded(): Refusal {
  return new Refusal(401, "SESSION_INVALID", "");
}

/** Throws where the server's marker says that this browser has no session. */
export function requireSession(): void {
  if (!/(^|; )howmuch_signed_in=1/.test(document.cookie)) {
    throw sessionEnded();
  }
}
