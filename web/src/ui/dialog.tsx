import { useEffect, useId, useRef, type ReactNode } from "react";

/** A dialog above the screen. The browser keeps the focus in it, and Escape closes it. */
export function Dialog(props: { title: string; onClose: () => void; children: ReactNode }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  // React runs effects twice in development: then it is open again before the browser says that it was closed.
  const close = (): void => {
    if (!dialog.current?.open) {
      props.onClose();
    }
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={title} onClose={close}>
      <div className="stack">
        <h2 id={title}>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}
