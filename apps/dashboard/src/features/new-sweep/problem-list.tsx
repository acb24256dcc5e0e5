import type { ComponentProps } from "react";
import classes from "./problem-list.module.css";

/** Mistakes of the document, one line each. */
export function ProblemList(props: Omit<ComponentProps<"ul">, "className">) {
  return <ul className={classes.problems} {...props} />;
}
