import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, type ReactNode } from "react";
import { useLocation } from "wouter";
import { activate, LANGUAGES, preferredLanguage } from "../../i18n/locale.ts";
import { LinkButton } from "../../ui/button.tsx";
import { InvitationButton } from "./invitation-button.tsx";

/** What somebody sees who is not logged in. */
export function Welcome(): ReactNode {
  useEffect(() => {
    document.title = "howmuch";
  }, []);
  return (
    <div className="page home-welcome">
      <main className="stack">
        <img className="home-logo" src="/icons/icon.svg" alt="" width="72" height="72" />
        <h1 className="home-name">howmuch</h1>
        <p className="home-sentence">
          <Trans>Share expenses with friends, and see who owes whom.</Trans>
        </p>
        <div className="stack home-ways">
          <LinkButton className="primary wide" href="/signup?next=%2Fevents%2Fnew">
            <Trans>Start a trip</Trans>
          </LinkButton>
          <InvitationButton className="wide" />
          <LinkButton className="plain wide" href="/login">
            <Trans>Log in</Trans>
          </LinkButton>
        </div>
      </main>
      <footer className="home-footer small">
        <nav className="row" aria-labelledby="home-developers">
          <span id="home-developers" className="soft">
            <Trans>For developers:</Trans>
          </span>
          <a href="/developers">REST API</a>
          <a href="/docs">
            <Trans>Documentation</Trans>
          </a>
        </nav>
        <LanguageChoice />
      </footer>
    </div>
  );
}

/** The language, until an account says it. The address keeps it when the page is loaded again. */
function LanguageChoice(): ReactNode {
  const { t, i18n } = useLingui();
  const [, navigate] = useLocation();
  const choose = (language: string): void => {
    void activate(language);
    navigate(language === preferredLanguage() ? "/" : `/?lang=${language}`, { replace: true });
  };
  return (
    <select
      className="input home-language"
      aria-label={t`Language`}
      value={i18n.locale}
      onChange={(event) => choose(event.target.value)}
    >
      {Object.entries(LANGUAGES).map(([language, { name, preview }]) => (
        <option key={language} value={language} lang={language}>
          {preview ? `${name} (${t`first version`})` : name}
        </option>
      ))}
    </select>
  );
}
