import type { ReactNode } from "react";
import classes from "./field-rows.module.css";

/** Fields beside each other, as many as there is room for. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}

/** Fields and what belongs to them, one below the other. */
export function FieldStack({ children }: { children: ReactNode }) {
  return <div className={classes.stack}>{children}</div>;
}
