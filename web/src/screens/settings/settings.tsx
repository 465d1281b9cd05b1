import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useSession } from "../../session.tsx";
import { meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { LinkButton } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Message, Problem } from "../../ui/message.tsx";
import { Page } from "../../ui/page.tsx";
import { DeleteAccount } from "./delete-account.tsx";
import { EmailSection } from "./email-section.tsx";
import { LogOut } from "./log-out.tsx";
import { PasswordSection } from "./password-section.tsx";
import { Profile } from "./profile.tsx";
import { Sessions } from "./sessions.tsx";
import "./settings.css";

/** The account of the user: who they are, which mails they get, and where they are logged in. */
export default function Settings(): ReactNode {
  const { t } = useLingui();
  const { user, error } = useSession();
  return (
    <Page title={t`Settings`} back="/">
      {user === null && <LoggedOut />}
      {user === undefined && error && (
        <Problem error={error} retry={() => void queryClient.refetchQueries(meQuery)} />
      )}
      {user === undefined && !error && <Loading />}
      {user && (
        <>
          <Profile user={user} />
          <EmailSection user={user} />
          <PasswordSection />
          <Sessions />
          <LogOut />
          <DeleteAccount user={user} />
        </>
      )}
    </Page>
  );
}

function LoggedOut(): ReactNode {
  return (
    <Message>
      <div className="stack-close">
        <p>
          <Trans>You are logged out. Log in to see your settings.</Trans>
        </p>
        <LinkButton className="primary" href="/login?next=%2Fsettings">
          <Trans>Log in</Trans>
        </LinkButton>
      </div>
    </Message>
  );
}
