import type { ReactNode } from "react";
import classes from "./beside.module.css";

/** A drawing and, where there is room beside it, the figures that belong to it. */
export function Beside({ children }: { children: ReactNode }) {
  return <div className={classes.beside}>{children}</div>;
}
