import { useEffect, useSyncExternalStore, type ReactNode } from "react";
import { Button } from "./button.tsx";

interface Toast {
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6000;
let shown: Toast | undefined;
const listeners = new Set<() => void>();

/** Says what has just happened, with at most one thing to do about it, such as to undo it. */
export function toast(text: string, action?: Toast["action"]): void {
  show(action ? { text, action } : { text });
}

function show(next: Toast | undefined): void {
  shown = next;
  listeners.forEach((listener) => listener());
}

/** Where toasts appear: once in the app. */
export function Toasts(): ReactNode {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  useEffect(() => {
    const timer = setTimeout(() => show(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div aria-live="polite">
      {current && (
        <div className="toast spread">
          <span>{current.text}</span>
          {current.action && (
            <Button
              className="plain"
              onClick={() => {
                current.action?.run();
                show(undefined);
              }}
            >
              {current.action.label}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
