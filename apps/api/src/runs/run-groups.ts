import type { RunFilter, RunGroups, RunGroupsQuery } from "@reprise/contracts";
import { type Database, filterHints, getSweep, groupRuns, valuesOfRuns } from "@reprise/database";
import { checkAcross, runGroupOf, seenOf } from "@reprise/study";
import { declaredMetrics } from "../analyses/declared-metrics.js";

const maxGroups = 1000;

type Query = Omit<RunGroupsQuery, "filter"> & { where?: RunFilter };

/** A metric as the runs of a query share it, held against their values. */
async function metricOf(db: Database, query: Query, key: string) {
  const values = await valuesOfRuns(db, { ...query, metric: key });
  const ids = [...new Set(values.flatMap(({ sweepId }) => sweepId ?? []))];
  const studies = await Promise.all(
    ids.map(async (id) => {
      const sweep = await getSweep(db, id);
      const own = values.filter(({ sweepId }) => sweepId === id);
      return {
        name: sweep?.name ?? id,
        metrics: sweep ? await declaredMetrics(db, sweep) : [],
        seen: own.flatMap(({ value, min, max, ...run }) =>
          seenOf(run, { value: value ?? Number.NaN, min: min ?? Number.NaN, max: max ?? Number.NaN }),
        ),
      };
    }),
  );
  return checkAcross(key, studies);
}

/** Runs grouped by fields, with the figures of one metric over all runs of each group. */
export async function runGroupsOf(
  db: Database,
  { filter: _, ...query }: RunGroupsQuery & { where?: RunFilter },
): Promise<RunGroups> {
  const metric = query.metric ?? null;
  const checked = metric === null ? null : await metricOf(db, query, metric);
  const refusal = checked?.check.refusal ?? null;
  const measured = refusal ? undefined : query.metric;
  const [{ groups, truncated }, all] = await Promise.all([
    groupRuns(db, { ...query, metric: measured, limit: maxGroups }),
    groupRuns(db, { ...query, by: [], metric: undefined, limit: 1 }),
  ]);
  const runs = all.groups[0]?.runs ?? 0;
  const hints = runs === 0 ? await filterHints(db, query) : [];
  return {
    metric,
    value: query.value,
    shown: checked && {
      ...{ label: checked.facts.label, unit: checked.facts.unit },
      ...{ known: checked.check.by.unit, range: checked.check.range },
    },
    refusal: refusal && [refusal.sentence, ...refusal.basis].join(" "),
    notes: checked
      ? [
          ...checked.check.verdicts.filter((verdict) => verdict !== refusal).map(({ sentence }) => sentence),
          ...checked.check.notes,
          ...checked.check.guesses,
        ]
      : [],
    runs,
    groups: groups.map((sums) => runGroupOf(sums, checked?.check.range ?? null)),
    truncated,
    ...(hints.length > 0 ? { hints } : {}),
  };
}
