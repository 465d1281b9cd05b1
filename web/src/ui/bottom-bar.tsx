import type { ReactNode } from "react";
import "./bottom-bar.css";

/** What a screen is for, within reach of the thumb: it stays at the bottom. */
export function BottomBar({ children }: { children: ReactNode }): ReactNode {
  return (
    <div className="bottom-bar">
      <div className="bottom-bar-inside">{children}</div>
    </div>
  );
}
