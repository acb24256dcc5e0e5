import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
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
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={copy}
              aria-label={copied ? `${title}: copied` : `${title}: copy`}
            >
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          )}
        </CopyButton>
      </figcaption>
      <ScrollRegion className={classes.lines} label={`${title}: lines`}>
        <pre>{text}</pre>
      </ScrollRegion>
    </figure>
  );
}
