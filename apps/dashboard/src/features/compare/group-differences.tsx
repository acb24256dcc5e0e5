import { type ParameterValue, pageOf, type Run, run } from "@reprise/contracts";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { parameterText } from "../../shared/format/parameters.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState, ErrorState, Placeholder } from "../../shared/ui/states.js";
import type { ComparedGroup } from "./groups-editor.js";

/** More runs than this of one group are not read: what they are set to shows in the first ones. */
const maxRuns = 1000;
const shownValues = 6;

const groupRunsQuery = (sweepId: string, filter: string) => ({
  queryKey: ["runs", "of-group", sweepId, filter],
  queryFn: ({ signal }: { signal: AbortSignal }) => {
    const search = new URLSearchParams({ sweepId, limit: String(maxRuns) });
    if (filter.trim()) search.set("filter", filter);
    return callApi(pageOf(run), `/runs?${search}`, { signal }).then(({ items }) => items);
  },
});

type Row = { key: string; values: string[][] };

const distinct = (texts: readonly string[]) => [...new Set(texts)].sort();

/** Hyperparameters and facts of execution of which two groups do not hold the same values. */
function differing(groups: readonly (readonly Run[])[]): Row[] {
  const used = (one: Run): Record<string, ParameterValue> => one.effectiveParams ?? one.params;
  const names = distinct(groups.flatMap((runs) => runs.flatMap((one) => Object.keys(used(one)))));
  const facts: [string, (one: Run) => string][] = [
    ...names.map((name): [string, (one: Run) => string] => [name, (one) => parameterText(used(one)[name])]),
    ["arm", (one) => one.arm],
    ["seed", (one) => String(one.seed)],
    ["data set", (one) => one.dataset],
    ["trainer", (one) => one.trainer],
    ["backend", (one) => one.backendUsed ?? "not known"],
    ["worker", (one) => one.workerName ?? "none"],
    ["environment", (one) => one.environmentId?.slice(0, 8) ?? "not known"],
  ];
  return facts.flatMap(([key, of]) => {
    const values = groups.map((runs) => distinct(runs.map(of)));
    return new Set(values.map((list) => JSON.stringify(list))).size > 1 ? [{ key, values }] : [];
  });
}

function Values({ values }: { values: readonly string[] }) {
  const rest = values.length - shownValues;
  return (
    <span className="mono">
      {values.slice(0, shownValues).join(", ")}
      {rest > 0 ? ` and ${count(rest)} more` : ""}
    </span>
  );
}

/** What tells groups apart before any result: settings and surroundings, differences only. */
export function GroupDifferences({ sweepId, groups }: { sweepId: string; groups: readonly ComparedGroup[] }) {
  const found = useQueries({ queries: groups.map(({ filter }) => groupRunsQuery(sweepId, filter)) });
  const failed = found.find(({ error }) => error !== null);
  const runs = found.flatMap(({ data }) => (data ? [data] : []));
  const rows = runs.length === groups.length ? differing(runs) : [];
  const [a, b] = runs.map(([first]) => first);
  return (
    <Section
      title="What tells the groups apart?"
      lead="Settings and surroundings whose values are not the same in every group; what they share is left out."
      aside={
        a && b && groups.length === 2 ? (
          <Link to="/runs/$runId/diff/$otherId" params={{ runId: a.id, otherId: b.id }} className="small">
            Ladders of their first runs
          </Link>
        ) : null
      }
    >
      {failed?.error ? (
        <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
      ) : runs.length < groups.length ? (
        <Placeholder height={160} label="Reading the groups" />
      ) : rows.length === 0 ? (
        <EmptyState title="Nothing tells them apart.">
          Hyperparameters, arms, seeds, data, workers and environments are the same in every group.
        </EmptyState>
      ) : (
        <DataTable
          label="Differences between groups"
          rows={rows}
          keyOf={(row) => row.key}
          columns={[
            { key: "field", header: "Field", cell: (row) => <span className="mono">{row.key}</span> },
            ...groups.map((group, index) => ({
              key: `${index} ${group.name}`,
              header: group.name,
              cell: (row: Row) => <Values values={row.values[index] ?? []} />,
            })),
          ]}
        />
      )}
    </Section>
  );
}
