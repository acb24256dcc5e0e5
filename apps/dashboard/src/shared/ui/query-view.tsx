import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState, Placeholder } from "./states.js";
import classes from "./states.module.css";

/**
 * Loading, error and content of one query. A failed refresh of something already shown keeps showing it: the
 * banner at the top says that the server is away.
 */
export function QueryView<T>({
  query,
  height,
  label,
  children,
}: {
  query: UseQueryResult<T>;
  height: number;
  label?: string;
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
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return <Placeholder height={height} label={label} />;
}
