import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { LinkButton } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";

export default function NotFound(): ReactNode {
  const { t } = useLingui();
  return (
    <Page title={t`There is no such page`}>
      <p>
        <Trans>
          The address is incomplete or wrong. If you typed it, check it; if a link led here, it is old.
        </Trans>
      </p>
      <LinkButton className="primary wide" href="/">
        <Trans>To my events</Trans>
      </LinkButton>
    </Page>
  );
}
