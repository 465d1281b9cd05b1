import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { LinkButton } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { nextOf, withNext } from "./next.ts";
import { SignUpForm } from "./sign-up-form.tsx";

export default function SignUp(): ReactNode {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const next = nextOf(useSearch(), location.origin);
  return (
    <Page title={t`Sign up`} back="/">
      <p className="soft">
        <Trans>An account keeps your trips, on every device.</Trans>
      </p>
      <SignUpForm button={t`Sign up`} onDone={() => navigate(next, { replace: true })} />
      <LinkButton className="plain" href={withNext("/login", next)}>
        <Trans>I have an account</Trans>
      </LinkButton>
    </Page>
  );
}
