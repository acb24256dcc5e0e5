import type { ReactNode } from "react";
import classes from "./disclosures.module.css";

/** What somebody had to tell about a run, one thing a line. */
export function Disclosures({
  label,
  lines,
  icon,
}: {
  label: string;
  lines: readonly string[];
  icon?: ReactNode;
}) {
  if (lines.length === 0) return null;
  return (
    <ul className={classes.disclosures} aria-label={label}>
      {lines.map((line) => (
        <li key={line}>
          {icon} {line}
        </li>
      ))}
    </ul>
  );
}
