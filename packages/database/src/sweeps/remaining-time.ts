/** Runs of one configuration and arm. */
export type RunKind = {
  configuration: string;
  arm: string;
  queued: number;
  /** Since when each running one trains, in ms. */
  running: readonly number[];
  /**
   * Mean duration of those that succeeded or failed, in ms; null where none has. A mean, so that runs that fail early and slow workers
   * count by how often they are; what took longer than four medians counts as that.
   */
  meanMs: number | null;
};

/** When a run was trained, in ms of one clock. */
export type Trained = { from: number; to: number };

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A stretch without any run is a pause, not the way from one run to the next, where it is longer than runs usually take. */
const pauseInRuns = 3;
const shortestPauseMs = 30_000;

/** Medians beyond which a duration is an accident, such as a machine that slept. */
export const mostMedians = 4;

/** What a run of a kind will take: as others of it did, else as others of its configuration, else as all. */
function expectations(kinds: readonly RunKind[]): ((kind: RunKind) => number) | null {
  const known = kinds.flatMap((kind) => (kind.meanMs === null ? [] : [{ ...kind, ms: kind.meanMs }]));
  if (known.length === 0) return null;
  const overall = mean(known.map(({ ms }) => ms));
  return (kind) => {
    if (kind.meanMs !== null) return kind.meanMs;
    const same = known.filter(({ configuration }) => configuration === kind.configuration);
    if (same.length > 0) return mean(same.map(({ ms }) => ms));
    // Long runs are the last to have an end: one that is looked at is half way on average.
    return kind.running.length === 0 ? overall : Math.max(overall, 2 * mean(kind.running));
  };
}

/** How many runs train at a time, ways between them included: training time over the time that went by, pauses apart. */
function parallelism(trained: readonly Trained[], typicalMs: number): number {
  const sorted = trained.toSorted((a, b) => a.from - b.from);
  let busy = 0;
  let passed = 0;
  let end = sorted[0]?.from ?? 0;
  for (const { from, to } of sorted) {
    busy += to - from;
    const gap = Math.max(0, from - end);
    const isPause = gap > Math.max(shortestPauseMs, pauseInRuns * typicalMs);
    passed += (isPause ? 0 : gap) + Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return passed > 0 ? busy / passed : 1;
}

/**
 * Milliseconds until the last run ends, by what ended before: the mean duration of its configuration and arm for each queued run, what is
 * left of it for each running one, shared among as many as trained at a time lately. Null before the first run has ended.
 */
export function remainingTime(kinds: readonly RunKind[], lately: readonly Trained[]): number | null {
  const expected = expectations(kinds);
  if (!expected) return null;
  const left = kinds.flatMap((kind) => {
    const whole = expected(kind);
    return kind.running.map((elapsed) => Math.max(0, whole - elapsed));
  });
  const waiting = kinds.reduce((sum, kind) => sum + kind.queued * expected(kind), 0);
  const work = waiting + left.reduce((sum, ms) => sum + ms, 0);
  const typical = mean(kinds.map(expected));
  return Math.max(work / Math.max(1e-3, parallelism(lately, typical)), ...left);
}
