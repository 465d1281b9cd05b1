import { Plural } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useWrites } from "./index.ts";
import "./banner.css";

/** On every screen: how many writes wait, or need a decision. Nothing if there are none. */
export function OutboxBanner(): ReactNode {
  const writes = useWrites();
  const [address] = useLocation();
  const refused = writes.filter((write) => write.refused).length;
  const waiting = writes.length - refused;
  return (
    <div role="status">
      {writes.length > 0 && address !== "/waiting" && (
        <Link href="/waiting" className={`outbox-banner ${refused ? "refused" : ""}`}>
          {refused > 0 ? (
            <Plural value={refused} one="# entry needs your decision" other="# entries need your decision" />
          ) : (
            <Plural value={waiting} one="# entry waits for a network" other="# entries wait for a network" />
          )}
          <span aria-hidden="true" className="outbox-banner-arrow">
            ›
          </span>
        </Link>
      )}
    </div>
  );
}
