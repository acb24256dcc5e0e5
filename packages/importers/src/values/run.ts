import type { ForeignFormat, ForeignRun } from "@reprise/contracts";

/** A run of which nothing but its identity is known; readers fill in what the source holds. */
export function emptyRun(format: ForeignFormat, id: string, location: string): ForeignRun {
  return {
    source: { format, location, id, held: true },
    name: id,
    params: {},
    integers: [],
    tags: {},
    status: "unknown",
    error: null,
    startedAt: null,
    endedAt: null,
    gitCommit: null,
    host: null,
    parent: null,
    group: null,
    jobType: null,
    stepMetric: null,
    metrics: {},
    summary: {},
    tables: [],
    artifacts: [],
    attempts: 1,
    doubtful: null,
    remarks: [],
  };
}

/** How many have each name. */
export function countsOf(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Metrics that count: a resumed run has more of their points than of epochs. */
const counter = /(^|\/)(epochs?|(global_)?steps?|iter(ation)?s?)$/i;

/** Points of the longest history, superseded ones left out. */
const lengthOf = (run: ForeignRun) =>
  Object.entries(run.metrics).reduce(
    (longest, [name, { steps, superseded = [] }]) =>
      counter.test(name) ? longest : Math.max(longest, steps.length - superseded.length),
    0,
  );

/**
 * Marks runs that have fewer points than most of their siblings although nothing says that they failed: a program that was killed
 * leaves the record of one that finished.
 */
export function markShortRuns(runs: readonly ForeignRun[]): void {
  const counts = new Map<number, number>();
  const lengths = runs.map(lengthOf);
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [usual, often] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  if (often * 2 < runs.length) return;
  for (const [index, run] of runs.entries()) {
    const length = lengths[index] as number;
    if (run.doubtful !== null || length >= usual || run.status === "failed" || run.status === "killed")
      continue;
    const said = run.status === "finished" ? "says that it finished, but " : "";
    run.doubtful = `${said}has ${length} points in its longest history where most runs beside it have ${usual}`;
  }
}
