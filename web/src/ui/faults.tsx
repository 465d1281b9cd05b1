import { Trans } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { Message } from "./message.tsx";

/** Instead of a white page when the app itself fails: what happened, and a way on. */
export class Faults extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) {
      return this.props.children;
    }
    return (
      <main className="page">
        <Message kind="fault">
          <div className="stack-close">
            <p>
              <Trans>
                The app made a mistake, or was renewed meanwhile. What you saved is safe; load the page again
                to go on.
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
}
