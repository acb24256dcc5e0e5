import type { ReactNode } from "react";
import { CopyIcon } from "./copy-icon.js";
import { ScrollRegion } from "./scroll-region.js";
import classes from "./snippet.module.css";

/** Snippets one below the other. */
export function Snippets({ children }: { children: ReactNode }) {
  return <div className={classes.snippets}>{children}</div>;
}

/** Lines to take elsewhere, with a button that copies them all. */
export function Snippet({ title, text }: { title: string; text: string }) {
  return (
    <figure className={classes.snippet} aria-label={title}>
      <figcaption>
        {title}
        <CopyIcon value={text} label={`${title}: copy`} copiedLabel={`${title}: copied`} />
      </figcaption>
      <ScrollRegion className={classes.lines} label={`${title}: lines`}>
        <pre>{text}</pre>
      </ScrollRegion>
    </figure>
  );
}
