import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode, useEffect } from "react";
import { Explained } from "./explained.js";
import classes from "./page-title.module.css";

export type Crumb = { label: string; to: string };

/** Where the page stands, as links from the outside in; not seen while a name is not known yet, because the others would move. */
export function Breadcrumb({ crumbs, here }: { crumbs: readonly Crumb[]; here: string }) {
  return (
    <nav
      aria-label="Breadcrumb"
      className={classes.crumbs}
      data-waiting={crumbs.some(({ label }) => label === "") || undefined}
    >
      {crumbs.map((crumb) => (
        <Fragment key={crumb.to}>
          <Link to={crumb.to}>{crumb.label}</Link>
          <span aria-hidden>/</span>
        </Fragment>
      ))}
      <span aria-current="page">{here}</span>
    </nav>
  );
}

/** Title of the browser's tab. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Reprise`;
  }, [title]);
}

export function PageTitle({ title, lead, action }: { title: string; lead?: ReactNode; action?: ReactNode }) {
  useDocumentTitle(title);
  return (
    <div className={classes.title}>
      <div>
        <h1>{title}</h1>
        {lead ? (
          <p className={classes.lead}>{typeof lead === "string" ? <Explained text={lead} /> : lead}</p>
        ) : null}
      </div>
      {action}
    </div>
  );
}
