import { Trans, useLingui } from "@lingui/react/macro";
import { Component, useEffect, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Button } from "./button.tsx";
import { NotLoaded, reloadIfReachable } from "./lazily.ts";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";

/** Instead of a white page when a screen fails: what happened, and a way on. Another address is another try. */
export function ScreenFaults({ children }: { children: ReactNode }): ReactNode {
  const [address] = useLocation();
  return <Faults address={address}>{children}</Faults>;
}

interface Failure {
  address: string;
  error: unknown;
}

/** The same for the whole app. */
export class Faults extends Component<{ address?: string; children: ReactNode }, Failure> {
  override state: Failure = { address: this.props.address ?? "", error: undefined };

  static getDerivedStateFromError(error: unknown): Partial<Failure> {
    return { error: error ?? new Error() };
  }

  static getDerivedStateFromProps({ address = "" }: { address?: string }, state: Failure): Failure | null {
    return address === state.address ? null : { address, error: undefined };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) {
      return this.props.children;
    }
    return error instanceof NotLoaded ? <NeedsNetwork /> : <Mistake />;
  }
}

function Mistake(): ReactNode {
  return (
    <main className="page">
      <Message kind="fault">
        <div className="stack-close">
          <p>
            <Trans>
              The app made a mistake, or was renewed meanwhile. What you saved is safe; load the page again to
              go on.
            </Trans>
          </p>
          <Button onClick={() => location.reload()}>
            <Trans>Load again</Trans>
          </Button>
        </div>
      </Message>
    </main>
  );
}

/** A screen that this device does not have yet. It comes by itself when the network is back. */
function NeedsNetwork(): ReactNode {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    const load = (): void => void reloadIfReachable();
    window.addEventListener("online", load);
    return () => window.removeEventListener("online", load);
  }, []);
  const again = async (): Promise<void> => {
    setAsking(true);
    await reloadIfReachable();
    setAsking(false);
  };
  return (
    <Page title={t`Not on this device yet`} back="/">
      <Message kind="note">
        <div className="stack-close">
          <p>
            <Trans>
              This screen was not opened on this device before, so it needs a network, and howmuch does not
              answer now. What you saved is safe.
            </Trans>
          </p>
          <Button busy={asking} onClick={() => void again()}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      </Message>
    </Page>
  );
}
