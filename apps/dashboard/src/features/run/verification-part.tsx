import type { ReactNode } from "react";
import classes from "./verification-part.module.css";

/** One question about a verification, under its heading. */
export function VerificationPart({ children }: { children: ReactNode }) {
  return <div className={classes.part}>{children}</div>;
}
