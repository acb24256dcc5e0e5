import { type ReactNode, useId } from "react";
import { Explained } from "./explained.js";
import classes from "./section.module.css";

/** A part of a page under a heading that is a question or a finding. */
export function Section({
  title,
  lead,
  aside,
  id,
  children,
}: {
  title: string;
  lead?: ReactNode;
  aside?: ReactNode;
  id?: string;
  children: ReactNode;
}) {
  const headingId = useId();
  return (
    <section className={classes.section} aria-labelledby={headingId} id={id}>
      <div className={classes.head}>
        <div>
          <h2 id={headingId}>{title}</h2>
          {lead ? (
            <p className={classes.lead}>{typeof lead === "string" ? <Explained text={lead} /> : lead}</p>
          ) : null}
        </div>
        {aside ? <div className={classes.aside}>{aside}</div> : null}
      </div>
      {children}
    </section>
  );
}
