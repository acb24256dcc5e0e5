import type { RunFilter, RunGroup, RunGroups, RunGroupsQuery } from "@reprise/contracts";
import { encodeNumber, type WireNumber } from "@reprise/contracts";
import { type Database, type GroupSums, groupRuns } from "@reprise/database";
import { tQuantile } from "@reprise/statistics";

const mostGroups = 1000;

const wire = (value: number | null): WireNumber | null => (value === null ? null : encodeNumber(value));

/** 95 % t interval of the mean of `units` values; null below two or where a value is not finite. */
function intervalOf(mean: number | null, sd: number | null, units: number, over: "runs" | "cells") {
  if (mean === null || sd === null || units < 2 || !Number.isFinite(mean) || !Number.isFinite(sd))
    return null;
  const half = (tQuantile(0.975, units - 1) * sd) / Math.sqrt(units);
  return { low: encodeNumber(mean - half), high: encodeNumber(mean + half), over };
}

function groupOf(sums: GroupSums): RunGroup {
  const { by, runs, n, cells, mean, sd, min, max, cellMean, cellSd } = sums;
  // Several runs of one cell share their draws: their mean is one unit.
  const clustered = n > cells;
  return {
    by,
    runs,
    n,
    cells,
    mean: wire(mean),
    sd: wire(sd),
    interval:
      clustered && cells > 1 ? intervalOf(cellMean, cellSd, cells, "cells") : intervalOf(mean, sd, n, "runs"),
    min: wire(min),
    max: wire(max),
  };
}

/** Runs grouped by fields, with the figures of one metric over all runs of each group. */
export async function runGroupsOf(
  db: Database,
  { filter: _, ...query }: RunGroupsQuery & { where?: RunFilter },
): Promise<RunGroups> {
  const [{ groups, truncated }, all] = await Promise.all([
    groupRuns(db, { ...query, limit: mostGroups }),
    groupRuns(db, { ...query, by: [], metric: undefined, limit: 1 }),
  ]);
  return {
    metric: query.metric ?? null,
    value: query.value,
    runs: all.groups[0]?.runs ?? 0,
    groups: groups.map(groupOf),
    truncated,
  };
}
