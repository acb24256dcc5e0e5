import type { ReactNode } from "react";
import classes from "./warning.module.css";

/** Something to know before launching, or why nothing was launched. */
export function Warning({ role, children }: { role?: "alert"; children: ReactNode }) {
  return (
    <p role={role} className={classes.warning}>
      {children}
    </p>
  );
}
