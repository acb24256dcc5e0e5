import { type ExtremesAnalysis, type Run, whereDiverged } from "@reprise/contracts";
import { metricDifference } from "../../shared/format/numbers.js";

export type TellingRun = { run: Run; why: string };

const perReason = 3;

/** Runs of a deterministic arm whose digest is not the one that most of their configuration and seed ended with. */
function oddOnes(runs: readonly Run[], deterministic: ReadonlySet<string>): Run[] {
  const cells = new Map<string, Run[]>();
  for (const run of runs) {
    if (!run.digest || !deterministic.has(run.arm)) continue;
    const key = `${run.configurationKey} ${run.seed} ${run.arm}`;
    cells.set(key, [...(cells.get(key) ?? []), run]);
  }
  return [...cells.values()].flatMap((members) => {
    const counts = new Map<string | null, number>();
    for (const { digest } of members) counts.set(digest, (counts.get(digest) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const usual = members.find(({ digest }) => counts.get(digest) === most)?.digest;
    return members.filter(({ digest }) => digest !== usual);
  });
}

function longest(runs: readonly Run[]): Run[] {
  const ended = runs.filter(({ durationMs }) => durationMs !== null);
  if (ended.length < 3) return [];
  return [ended.reduce((a, b) => ((b.durationMs ?? 0) > (a.durationMs ?? 0) ? b : a))];
}

/** "best test accuracy; the best of 14 such runs lies 1.2 pp above their mean by chance": how far a best value is too good. */
function bestWords({ rows, provenance }: ExtremesAnalysis): string {
  const best = rows.find(({ grouping }) => grouping === "all")?.best;
  const own = rows.find(
    ({ grouping, label, optimism }) =>
      optimism !== null &&
      (grouping === "all" || (grouping === "configuration" && label === best?.configurationLabel)),
  );
  const said = `best ${provenance.metricLabel}`;
  if (!own?.optimism) return said;
  return `${said} (the best of ${own.n} equally good runs is expected ${metricDifference(own.optimism, provenance.metricUnit)} beyond their mean by chance)`;
}

/** The few runs to look at first, each with what is special about it; a run that is special twice stands once. */
export function tellingRuns(
  runs: readonly Run[],
  deterministic: ReadonlySet<string>,
  extremes: ExtremesAnalysis | undefined,
): TellingRun[] {
  const all = extremes?.rows.find(({ grouping }) => grouping === "all");
  const label = extremes?.provenance.metricLabel ?? "";
  const byId = (id: string | undefined) => runs.filter((run) => run.id === id);
  const reasons: { why: (run: Run) => string; found: Run[] }[] = [
    { why: () => "deterministic, and yet other bits than its repeats", found: oddOnes(runs, deterministic) },
    { why: (run) => `diverged: ${whereDiverged(run)}`, found: runs.filter(({ diverged }) => diverged) },
    { why: () => (extremes ? bestWords(extremes) : ""), found: byId(all?.best?.runId) },
    { why: () => `worst ${label}`, found: byId(all?.worst?.runId) },
    {
      why: (run) => `left out: ${run.excludedReason}`,
      found: runs.filter(({ excludedReason }) => excludedReason !== null),
    },
    { why: (run) => `needed ${run.attempt} attempts`, found: runs.filter(({ attempt }) => attempt > 1) },
    { why: () => "took longest", found: longest(runs) },
  ];
  const told = new Map<string, TellingRun>();
  for (const { why, found } of reasons) {
    for (const run of found.slice(0, perReason)) {
      const before = told.get(run.id);
      told.set(run.id, { run, why: before ? `${before.why}; ${why(run)}` : why(run) });
    }
  }
  return [...told.values()];
}

/**
 * The uncertainty by which values of a few runs are rounded alike: the least difference between two of them, so that what differs reads
 * so, but at least a hundredth of their range. Null where fewer than two differ.
 */
export function roundingOf(values: readonly number[]): number | null {
  const sorted = [...new Set(values.filter(Number.isFinite))].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((value, index) => value - (sorted[index] ?? value));
  if (gaps.length === 0) return null;
  return Math.max(Math.min(...gaps), ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 100);
}
