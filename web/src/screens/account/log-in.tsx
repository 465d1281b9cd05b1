import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { meQuery } from "../../state/queries.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { LogInForm } from "./log-in-form.tsx";
import { nextOf, withNext } from "./next.ts";

export default function LogIn(): ReactNode {
  const { t } = useLingui();
  // It is asked for again: the session may have ended just now, which brings people here.
  const { data: user, error, isFetchedAfterMount } = useQuery({ ...meQuery, refetchOnMount: "always" });
  const [, navigate] = useLocation();
  const next = nextOf(useSearch(), location.origin);
  const [withdrawn, setWithdrawn] = useState(false);
  const goOn = (): void => navigate(next, { replace: true });
  if (withdrawn) {
    return (
      <Page title={t`Welcome back`}>
        <Message>
          <Trans>You had asked to delete your account. This log-in took that back: everything stays.</Trans>
        </Message>
        <Button className="primary wide" onClick={goOn}>
          <Trans>Go on</Trans>
        </Button>
      </Page>
    );
  }
  return (
    <Page title={t`Log in`} back="/">
      {user && !error && isFetchedAfterMount && (
        <Message>
          <div className="stack-close">
            <p>
              <Trans>You are logged in as {user.email}.</Trans>
            </p>
            <LinkButton href={next}>
              <Trans>Go on</Trans>
            </LinkButton>
          </div>
        </Message>
      )}
      <LogInForm button={t`Log in`} onDone={(entered) => (entered.withdrawn ? setWithdrawn(true) : goOn())} />
      <div className="account-links">
        <LinkButton className="plain" href="/forgot-password">
          <Trans>I forgot the password</Trans>
        </LinkButton>
        <p>
          <Trans>
            New to howmuch? <Link href={withNext("/signup", next)}>Sign up</Link>
          </Trans>
        </p>
      </div>
    </Page>
  );
}
