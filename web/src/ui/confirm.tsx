import { Trans } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Problem } from "./message.tsx";
import "./confirm.css";

/**
 * Asks before something that cannot simply be undone, does it, and closes. If it fails, the dialog stays and says why.
 * run: does it; children: what will happen; action: what the button says.
 */
export function Confirm(props: {
  title: string;
  action: ReactNode;
  looks?: "danger" | "primary";
  run: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const doing = useMutation({ mutationFn: props.run, onSuccess: props.onClose });
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      {doing.error && <Problem error={doing.error} />}
      <DialogButtons onClose={props.onClose}>
        <Button className={props.looks ?? "danger"} busy={doing.isPending} onClick={() => doing.mutate()}>
          {props.action}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

/** The buttons at the end of a dialog: to close it, and the children. */
export function DialogButtons(props: { onClose: () => void; children?: ReactNode }): ReactNode {
  return (
    <div className="dialog-buttons">
      <Button onClick={props.onClose}>
        {props.children === undefined ? <Trans>Close</Trans> : <Trans>Cancel</Trans>}
      </Button>
      {props.children}
    </div>
  );
}
