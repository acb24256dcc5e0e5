import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { PageTitle } from "./page-title.js";
import classes from "./query-view.module.css";
import { ErrorState, Placeholder } from "./states.js";

/**
 * Loading, error and content of one query. A failed refresh of something already shown keeps showing it: the
 * banner at the top says that the server is away.
 */
export function QueryView<T>({
  query,
  height,
  label,
  page,
  children,
}: {
  query: UseQueryResult<T>;
  height: number;
  label?: string;
  /** Where this is the whole page: its heading while there is no content to have one. */
  page?: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return query.isPlaceholderData ? (
      <div aria-busy="true" className={classes.stale}>
        {children(query.data)}
      </div>
    ) : (
      children(query.data)
    );
  }
  if (query.isError) {
    const state = <ErrorState error={query.error} onRetry={() => query.refetch()} />;
    if (page === undefined) return state;
    return (
      <>
        <PageTitle title={page} />
        {state}
      </>
    );
  }
  return <Placeholder height={height} label={label} />;
}
