import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { runGroupsQuery } from "../../shared/api/run-queries.js";
import { namesIn, namesText } from "../../shared/format/name-list.js";
import { count } from "../../shared/format/numbers.js";
import { EmptyState, ErrorState, Placeholder } from "../../shared/ui/states.js";
import { ColumnMenu } from "./column-menu.js";
import { allColumns, defaultColumns } from "./columns.js";
import { CsvButton } from "./csv-button.js";
import { FilterError, isFilterError } from "./run-filters.js";
import { RunsTable } from "./runs-table.js";
import { SelectionBar, useSelection } from "./selection.js";
import { Standing } from "./standing.js";
import { useFoundRuns, useMetrics } from "./use-found-runs.js";
import type { RunsView } from "./use-runs-view.js";

function NothingFound({ setSearch, hints }: Pick<RunsView, "setSearch"> & { hints: readonly string[] }) {
  return (
    <EmptyState
      title="No run matches."
      action={
        <Button variant="default" size="xs" onClick={() => setSearch({ sweep: "", status: "", filter: "" })}>
          Show all runs
        </Button>
      }
    >
      {hints.length > 0
        ? hints.map((hint) => <p key={hint}>{hint}</p>)
        : "Loosen the filter, or choose another sweep or status."}
    </EmptyState>
  );
}

/** One line per run, in columns that one chooses. */
export function FoundRuns({ view }: { view: RunsView }) {
  const { search, setSearch, choice, value } = view;
  const navigate = useNavigate();
  const selection = useSelection();
  const { pages, runs } = useFoundRuns(view);
  const { metrics, metric } = useMetrics(view, runs);
  // Without groups it says how many runs there are, whatever the metric.
  const counted = useQuery(runGroupsQuery(choice, [], "", "selected"));
  const total = counted.data?.runs ?? runs.length;

  const columns = useMemo(() => allColumns(runs, metrics, value), [runs, metrics, value]);
  const shownKeys = search.columns ? namesIn(search.columns) : defaultColumns(metric);
  const pinned = namesIn(search.pinned);
  const shown = [...new Set([...shownKeys, ...pinned])].flatMap(
    (wanted) => columns.find(({ key }) => key === wanted) ?? [],
  );

  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const readAll = async () => {
    let read = await fetchNextPage();
    while (read.data?.pages.at(-1)?.nextCursor) read = await fetchNextPage();
    return read.data?.pages.flatMap(({ items }) => items) ?? runs;
  };

  const table = () => {
    if (pages.data && runs.length === 0) {
      return <NothingFound setSearch={setSearch} hints={pages.data.pages[0]?.hints ?? []} />;
    }
    if (pages.data) {
      return (
        <RunsTable
          runs={runs}
          total={total}
          columns={shown}
          pinned={new Set(pinned)}
          sort={search.sort}
          onSort={(sort) => setSearch({ sort })}
          onNearEnd={onNearEnd}
          selected={selection.selected}
          onSelect={selection.select}
        />
      );
    }
    if (isFilterError(pages.error)) return null;
    if (pages.isError) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
    return <Placeholder height={560} label="Loading the runs" />;
  };
  const [runId = "", otherId = ""] = selection.selected;
  return (
    <>
      <FilterError error={pages.error} />
      <Standing found={count(total, "run")} readAt={Math.max(pages.dataUpdatedAt, counted.dataUpdatedAt)}>
        <ColumnMenu
          columns={columns}
          shown={shownKeys}
          pinned={pinned}
          onShown={(next) => setSearch({ columns: namesText(next) })}
          onPinned={(next) => setSearch({ pinned: namesText(next) })}
          layout={{ columns: search.columns, pinned: search.pinned }}
          onLayout={setSearch}
        />
        <CsvButton columns={shown} readAll={readAll} />
      </Standing>
      {table()}
      <SelectionBar selection={selection} noun="run">
        <Button
          size="xs"
          disabled={selection.selected.size !== 2}
          onClick={() => void navigate({ to: "/runs/$runId/diff/$otherId", params: { runId, otherId } })}
        >
          {selection.selected.size === 2 ? "Show what differs" : "Select two to see what differs"}
        </Button>
      </SelectionBar>
    </>
  );
}
