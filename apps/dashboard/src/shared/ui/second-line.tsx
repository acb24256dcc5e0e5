import type { ReactNode } from "react";
import classes from "./second-line.module.css";

/** Small print under a figure of a table. */
export function SecondLine({ children }: { children: ReactNode }) {
  return <span className={classes.line}>{children}</span>;
}
