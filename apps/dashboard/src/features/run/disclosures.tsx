import type { ReactNode } from "react";
import classes from "./disclosures.module.css";

/** What somebody had to tell about a run, one thing a line; `folded` behind how many there are. */
export function Disclosures({
  label,
  lines,
  icon,
  folded = false,
}: {
  label: string;
  lines: readonly string[];
  icon?: ReactNode;
  folded?: boolean;
}) {
  if (lines.length === 0) return null;
  const list = (
    <ul className={classes.disclosures} aria-label={label}>
      {lines.map((line) => (
        <li key={line}>
          {icon} {line}
        </li>
      ))}
    </ul>
  );
  if (!folded) return list;
  return (
    <details className={classes.folded}>
      <summary>
        {label} ({lines.length})
      </summary>
      {list}
    </details>
  );
}
