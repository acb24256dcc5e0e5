import type { Contradiction } from "@reprise/contracts";
import { IconAlertOctagon } from "@tabler/icons-react";
import { unbroken } from "../format/numbers.js";
import classes from "./contradictions.module.css";

/** What a record says against itself, in red, above everything that would follow from it. */
export function Contradictions({ contradictions }: { contradictions: readonly Contradiction[] }) {
  if (contradictions.length === 0) return null;
  return (
    <div className={classes.contradictions} role="alert">
      <IconAlertOctagon size={20} stroke={1.8} aria-hidden className={classes.icon} />
      <div>
        <p className={classes.head}>The record contradicts itself</p>
        <ul className={classes.list}>
          {contradictions.map(({ sentence, meaning }) => (
            <li key={sentence}>
              {unbroken(sentence)} <span className={classes.meaning}>{meaning}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
