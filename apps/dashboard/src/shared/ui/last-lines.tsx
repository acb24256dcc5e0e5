import classes from "./last-lines.module.css";
import { ScrollRegion } from "./scroll-region.js";

/** What a program wrote to stderr before it ended; nothing where it wrote nothing. */
export function LastLines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <figure className={classes.figure} aria-label="Last lines on stderr">
      <figcaption className="small">Last lines on stderr</figcaption>
      <ScrollRegion className={classes.lines} label="Last lines on stderr: text">
        <pre>{lines.join("\n")}</pre>
      </ScrollRegion>
    </figure>
  );
}
