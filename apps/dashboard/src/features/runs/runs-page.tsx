import { Button, MultiSelect, NativeSelect, TextInput } from "@mantine/core";
import { groupableAttributes, type Run, runStatuses, runValues } from "@reprise/contracts";
import { IconDownload, IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { ApiError } from "../../shared/api/client.js";
import { runGroupsQuery } from "../../shared/api/run-queries.js";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { chartCsv } from "../../shared/charts/chart-data.js";
import { saveFile } from "../../shared/charts/download.js";
import { count, shortLabel } from "../../shared/format/numbers.js";
import { knownMetrics, valueWords } from "../../shared/format/run-metrics.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, ErrorState, Placeholder } from "../../shared/ui/states.js";
import { When } from "../../shared/ui/when.js";
import { ColumnMenu } from "./column-menu.js";
import { allColumns, defaultColumns, type RunsColumn } from "./columns.js";
import { filterOfGroup, joinFilters } from "./filter-text.js";
import { GroupsTable, groupKey, groupName } from "./groups-table.js";
import { runPagesQuery } from "./queries.js";
import classes from "./runs.module.css";
import { RunsTable } from "./runs-table.js";

const route = getRouteApi("/runs");
const listOf = (text: string) => text.split(",").filter((item) => item !== "");

function csvOf(runs: readonly Run[], columns: readonly RunsColumn[]): Blob {
  const text = chartCsv({
    columns: ["run", ...columns.map(({ key }) => key)],
    rows: runs.map((run) => [run.id, ...columns.map((column) => column.text(run))]),
  });
  return new Blob([text], { type: "text/csv;charset=utf-8" });
}

const isFilterError = (error: unknown) =>
  error instanceof ApiError && error.fieldErrors.some(({ path }) => path === "filter");

/** Says which character of a filter the server could not read. */
function FilterError({ error }: { error: unknown }) {
  if (!(error instanceof ApiError)) return null;
  const own = error.fieldErrors.filter(({ path }) => path === "filter");
  if (own.length === 0) return null;
  return (
    <p className={classes.error} role="alert">
      {own.map(({ message, value, suggestion }) => [message, value, suggestion].filter(Boolean).join(" · "))}
    </p>
  );
}

function toggled(set: ReadonlySet<string>, key: string, on: boolean): Set<string> {
  const next = new Set(set);
  if (on) next.add(key);
  else next.delete(key);
  return next;
}

/** Every run there is: filtered, sorted and grouped by the server; the whole view is in the address. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const setSearch = useCallback(
    (change: Partial<typeof search>) =>
      void navigate({
        to: "/runs",
        search: (previous) => ({ ...search, ...previous, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate, search],
  );
  const [draft, setDraft] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [saving, setSaving] = useState(false);

  const sweeps = useQuery(sweepsQuery);
  const trainers = useQuery(trainersQuery);
  const by = listOf(search.by);
  const grouped = by.length > 0;
  const choice = { sweep: search.sweep, status: search.status, filter: search.filter };
  const sweep = sweeps.data?.find(({ id }) => id === search.sweep);
  const value = runValues.find((name) => name === search.value) ?? "selected";

  const pages = useInfiniteQuery({
    ...runPagesQuery(
      choice,
      grouped ? "position" : search.sort || (search.sweep ? "position" : "-createdAt"),
    ),
    enabled: !grouped,
  });
  const runs = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  const metrics = useMemo(() => knownMetrics(trainers.data ?? [], runs), [trainers.data, runs]);
  const metric =
    search.metric || sweep?.spec.analysisPlan?.primaryMetric || (metrics[0] ? "testAccuracy" : "");
  // Without groups only the number of runs is asked for, whatever the metric.
  const groups = useQuery(runGroupsQuery(choice, by, grouped ? metric : "", grouped ? value : "selected"));
  const columns = useMemo(() => allColumns(runs, metrics, value), [runs, metrics, value]);
  const shownKeys = search.columns ? listOf(search.columns) : defaultColumns(metric);
  const pinned = listOf(search.pinned);
  const shown = [...new Set([...shownKeys, ...pinned])].flatMap(
    (wanted) => columns.find(({ key }) => key === wanted) ?? [],
  );
  const total = groups.data?.runs ?? runs.length;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const saveCsv = async () => {
    setSaving(true);
    try {
      let read = await fetchNextPage();
      while (read.data?.pages.at(-1)?.nextCursor) read = await fetchNextPage();
      saveFile("runs.csv", csvOf(read.data?.pages.flatMap(({ items }) => items) ?? runs, shown));
    } finally {
      setSaving(false);
    }
  };
  const error = grouped ? groups.error : pages.error;
  const picked = (groups.data?.groups ?? []).filter((group) => selected.has(groupKey(group)));
  const compared = picked.flatMap((group) => {
    const own = filterOfGroup(group.by);
    return own === null ? [] : [{ name: groupName(group), filter: joinFilters(search.filter, own) }];
  });

  return (
    <>
      <PageTitle
        title="Runs"
        lead="Every training, in one table. The address holds the whole view: share it as it is."
      />
      <form
        className={classes.tools}
        onSubmit={(event) => {
          event.preventDefault();
          if (draft !== null) setSearch({ filter: draft });
          setDraft(null);
        }}
      >
        <NativeSelect
          size="xs"
          label="Sweep"
          value={search.sweep}
          data={[
            { value: "", label: "all sweeps" },
            ...(sweeps.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => setSearch({ sweep: event.currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label="Status"
          value={search.status}
          data={[{ value: "", label: "any" }, ...runStatuses]}
          onChange={(event) => setSearch({ status: event.currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label="Metric"
          value={metric}
          data={metrics.map(({ key, label }) => ({ value: key, label: shortLabel(label) }))}
          onChange={(event) => setSearch({ metric: event.currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label="Value"
          value={value}
          data={runValues.map((name) => ({ value: name, label: valueWords[name] }))}
          onChange={(event) =>
            setSearch({ value: event.currentTarget.value === "selected" ? "" : event.currentTarget.value })
          }
        />
        <MultiSelect
          size="xs"
          label="Group by"
          searchable
          maxValues={6}
          value={by}
          data={[
            ...new Set([
              ...by,
              ...columns.flatMap(({ key }) => (key.startsWith("params.") ? key : [])),
              ...groupableAttributes.filter(
                (name) => name !== "position" && name !== "createdAt" && name !== "durationMs",
              ),
            ]),
          ]}
          placeholder={grouped ? undefined : "nothing"}
          onChange={(next) => {
            setSelected(new Set());
            setSearch({ by: next.join(","), sort: "" });
          }}
        />
        <TextInput
          className={classes.filter}
          size="xs"
          label="Filter"
          placeholder="metrics.testAuc > 0.9 and params.optimizer = 'adam'"
          value={draft ?? search.filter}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onBlur={() => {
            if (draft !== null) setSearch({ filter: draft });
            setDraft(null);
          }}
        />
        {/* Enter in the filter sends the form. */}
        <button type="submit" hidden />
      </form>
      <FilterError error={error} />
      <div className={classes.standing}>
        <span>
          {grouped
            ? `${count(groups.data?.groups.length ?? 0, "group")} of ${count(total, "run")}`
            : count(total, "run")}
        </span>
        {pages.dataUpdatedAt > 0 || groups.dataUpdatedAt > 0 ? (
          <span className="dim">
            read <When at={new Date(Math.max(pages.dataUpdatedAt, groups.dataUpdatedAt)).toISOString()} />
          </span>
        ) : null}
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconRefresh size={14} />}
          onClick={() => void queryClient.invalidateQueries({ queryKey: ["runs"] })}
        >
          Read again
        </Button>
        {grouped ? (
          <span />
        ) : (
          <span style={{ display: "inline-flex", gap: 8 }}>
            <ColumnMenu
              columns={columns}
              shown={shownKeys}
              pinned={pinned}
              onShown={(next) => setSearch({ columns: next.join(",") })}
              onPinned={(next) => setSearch({ pinned: next.join(",") })}
              layout={{ columns: search.columns, pinned: search.pinned }}
              onLayout={setSearch}
            />
            <Button
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} />}
              loading={saving}
              onClick={() => void saveCsv()}
            >
              CSV
            </Button>
          </span>
        )}
      </div>
      {grouped && isFilterError(error) ? null : grouped ? (
        <QueryView query={groups} height={420} label="Loading the groups">
          {(answer) => (
            <GroupsTable
              answer={answer}
              by={by}
              metric={metrics.find(({ key }) => key === metric)}
              filter={search.filter}
              sort={search.sort}
              onSort={(sort) => setSearch({ sort })}
              selected={selected}
              onSelect={(key, on) => setSelected(toggled(selected, key, on))}
            />
          )}
        </QueryView>
      ) : pages.data ? (
        runs.length === 0 ? (
          <EmptyState
            title="No run matches."
            action={
              <Button
                variant="default"
                size="xs"
                onClick={() => setSearch({ sweep: "", status: "", filter: "" })}
              >
                Show all runs
              </Button>
            }
          >
            Loosen the filter, or choose another sweep or status.
          </EmptyState>
        ) : (
          <RunsTable
            runs={runs}
            total={total}
            columns={shown}
            pinned={new Set(pinned)}
            sort={search.sort}
            onSort={(sort) => setSearch({ sort })}
            onNearEnd={onNearEnd}
            selected={selected}
            onSelect={(id, on) => setSelected(toggled(selected, id, on))}
          />
        )
      ) : isFilterError(error) ? null : pages.isError ? (
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      ) : (
        <Placeholder height={560} label="Loading the runs" />
      )}
      {selected.size > 0 ? (
        <div className={classes.selection} role="status">
          {count(selected.size, grouped ? "group" : "run")} selected
          {grouped ? (
            <Button
              size="xs"
              disabled={compared.length < 2 || search.sweep === ""}
              onClick={() =>
                void navigate({
                  to: "/compare",
                  search: { sweep: search.sweep, metrics: metric, groups: compared },
                })
              }
            >
              {search.sweep === "" ? "Choose one sweep to compare" : "Compare groups"}
            </Button>
          ) : (
            <Button
              size="xs"
              disabled={selected.size !== 2}
              onClick={() => {
                const [runId = "", otherId = ""] = [...selected];
                void navigate({ to: "/runs/$runId/diff/$otherId", params: { runId, otherId } });
              }}
            >
              {selected.size === 2 ? "Show what differs" : "Select two to see what differs"}
            </Button>
          )}
          <Button variant="subtle" color="gray" size="xs" onClick={() => setSelected(new Set())}>
            Clear
          </Button>
        </div>
      ) : null}
    </>
  );
}
