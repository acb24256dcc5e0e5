import type { ReactNode } from "react";
import classes from "./fault-list.module.css";

/** What went wrong, one entry a cause. */
export function FaultList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.faults} aria-label={label}>
      {children}
    </ul>
  );
}

/** One of them: what happened, and what to do about it. */
export function Fault({ children }: { children: ReactNode }) {
  return <li className={classes.fault}>{children}</li>;
}
