import type { RunFilter, RunGroups, RunGroupsQuery } from "@reprise/contracts";
import { type Database, filterHints, groupRuns } from "@reprise/database";
import { runGroupOf } from "@reprise/study";

const maxGroups = 1000;

/** Runs grouped by fields, with the figures of one metric over all runs of each group. */
export async function runGroupsOf(
  db: Database,
  { filter: _, ...query }: RunGroupsQuery & { where?: RunFilter },
): Promise<RunGroups> {
  const [{ groups, truncated }, all] = await Promise.all([
    groupRuns(db, { ...query, limit: maxGroups }),
    groupRuns(db, { ...query, by: [], metric: undefined, limit: 1 }),
  ]);
  const runs = all.groups[0]?.runs ?? 0;
  const hints = runs === 0 ? await filterHints(db, query) : [];
  return {
    metric: query.metric ?? null,
    value: query.value,
    runs,
    groups: groups.map(runGroupOf),
    truncated,
    ...(hints.length > 0 ? { hints } : {}),
  };
}
