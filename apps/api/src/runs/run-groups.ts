import type { RunFilter, RunGroups, RunGroupsQuery, RunValues } from "@reprise/contracts";
import { type Database, filterHints, groupRuns, measuringStudies, valuesOfRuns } from "@reprise/database";
import { checkAcross, extremesTellAll, type MeasuringStudy, runGroupOf, seenOf } from "@reprise/study";

const maxGroups = 1000;

type Query = Omit<RunGroupsQuery, "filter"> & { where?: RunFilter };

/** What studies measure, seen in their runs: in all, or in those with the smallest and greatest values. */
async function seenInStudies(
  db: Database,
  query: Query,
  key: string,
  extremes: boolean,
): Promise<MeasuringStudy[]> {
  const values = await valuesOfRuns(db, { ...query, metric: key, extremes });
  const ofStudy = new Map<string, RunValues[]>();
  for (const run of values) {
    if (run.sweepId === null) continue;
    const own = ofStudy.get(run.sweepId) ?? [];
    own.push(run);
    ofStudy.set(run.sweepId, own);
  }
  const studies = await measuringStudies(db, [...ofStudy.keys()]);
  return [...ofStudy].map(([id, own]) => ({
    name: studies.get(id)?.name ?? id,
    metrics: studies.get(id)?.metrics ?? [],
    seen: own.flatMap(({ value, min, max, ...run }) =>
      seenOf(run, { value: value ?? Number.NaN, min: min ?? Number.NaN, max: max ?? Number.NaN }),
    ),
  }));
}

/** A metric as the runs of a query share it, held against their values. */
async function metricOf(db: Database, query: Query, key: string) {
  const extremes = await seenInStudies(db, query, key, true);
  return extremesTellAll(key, extremes)
    ? checkAcross(key, extremes)
    : checkAcross(key, await seenInStudies(db, query, key, false));
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
  const { groups, runs, truncated } = await groupRuns(db, { ...query, metric: measured, limit: maxGroups });
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
