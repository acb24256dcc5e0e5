import type { ReactNode } from "react";
import { type ArmMark, markOf } from "./arm-marks.js";
import classes from "./arm-name.module.css";

/** An arm in a table, by its colour and its name, or by other words about a run of it. */
export function ArmName({
  arm,
  marks,
  children = arm,
}: {
  arm: string;
  marks: readonly ArmMark[];
  children?: ReactNode;
}) {
  return (
    <span className={classes.arm}>
      <span className={classes.swatch} style={{ background: markOf(marks, arm).color }} aria-hidden />
      {children}
    </span>
  );
}
