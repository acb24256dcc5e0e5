import type { ReactNode } from "react";
import classes from "./choice-card.module.css";

/** Something to begin a study with: its name, then what it is and takes. */
export function ChoiceCard({
  title,
  pressed,
  onChoose,
  children,
}: {
  title: string;
  pressed: boolean;
  onChoose: () => void;
  children: ReactNode;
}) {
  return (
    <button type="button" className={classes.choice} aria-pressed={pressed} onClick={onChoose}>
      <strong>{title}</strong>
      {children}
    </button>
  );
}
