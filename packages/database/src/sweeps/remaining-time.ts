/** Runs of one configuration and arm. */
export type RunKind = {
  configuration: string;
  arm: string;
  queued: number;
  /** Since when each running one trains, in ms. */
  running: readonly number[];
  /**
   * Mean duration of those that succeeded or failed, in ms; null where none has. A mean, so that runs that fail early and slow workers
   * count by how often they are; what took longer than four medians, of successes and of failures by themselves, counts as that.
   */
  meanMs: number | null;
  /** The same of those that succeeded. */
  succeededMs: number | null;
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
function expectations(
  kinds: readonly RunKind[],
  by: "meanMs" | "succeededMs",
): ((kind: RunKind) => number) | null {
  const known = kinds.flatMap((kind) => {
    const ms = kind[by];
    return ms === null ? [] : [{ ...kind, ms }];
  });
  if (known.length === 0) return null;
  const overall = mean(known.map(({ ms }) => ms));
  return (kind) => {
    const own = kind[by];
    if (own !== null) return own;
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
 * left of that of the successes for each running one (it has not failed early), shared among as many as trained at a time lately. Null before the first run has ended.
 */
export function remainingTime(kinds: readonly RunKind[], lately: readonly Trained[]): number | null {
  const expected = expectations(kinds, "meanMs");
  if (!expected) return null;
  const lasting = expectations(kinds, "succeededMs") ?? expected;
  const left = kinds.flatMap((kind) =>
    kind.running.map((elapsed) => {
      // Where all failed so far, a run may well do so, too, until it lasts longer than they.
      const failing = kind.succeededMs === null ? expected(kind) : 0;
      return Math.max(0, (elapsed < failing ? failing : lasting(kind)) - elapsed);
    }),
  );
  const waiting = kinds.reduce((sum, kind) => sum + kind.queued * expected(kind), 0);
  const work = waiting + left.reduce((sum, ms) => sum + ms, 0);
  const typical = mean(kinds.map(expected));
  return Math.max(work / Math.max(1e-3, parallelism(lately, typical)), ...left);
}
