import { describe, expect, it } from "vitest";
import { mostMedians, type RunKind, remainingTime, type Trained } from "./remaining-time.js";

type Planned = { configuration: string; arm: string; ms: number; fails?: boolean };

/** A linear congruential generator: the same worlds in every run of the test. */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function shuffled<T>(items: readonly T[], draw: () => number): T[] {
  return items
    .map((item) => ({ item, at: draw() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

type Scheduled = Planned & Trained;

/**
 * When each run is trained: in order, by `slots` at a time, with `wayMs` between two runs of a slot, and a pause after one of them.
 * A slot may be slower than others by `slowness`.
 */
function schedule(
  runs: readonly Planned[],
  {
    slots,
    wayMs,
    pause,
    slowness = [],
  }: { slots: number; wayMs: number; pause?: { after: number; ms: number }; slowness?: readonly number[] },
): Scheduled[] {
  const free = Array<number>(slots).fill(0);
  return runs.map((run, index) => {
    const slot = free.indexOf(Math.min(...free));
    if (pause && index === pause.after) {
      const end = Math.max(...free) + pause.ms;
      free.fill(end);
    }
    const from = (free[slot] ?? 0) + wayMs;
    const to = from + run.ms * (slowness[slot] ?? 1);
    free[slot] = to;
    return { ...run, from, to };
  });
}

const meanOf = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((a, b) => a + b) / values.length;

/** Durations as the database counts them: none beyond so many medians. */
function cut(durations: readonly number[]): number[] {
  const sorted = durations.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return durations.map((ms) => Math.min(ms, mostMedians * ((low + high) / 2)));
}

/** What is known at an instant, as the database tells it. */
function told(runs: readonly Scheduled[], now: number): [RunKind[], Trained[]] {
  const kinds = new Map<string, { kind: RunKind; ended: number[]; failed: number[]; running: number[] }>();
  for (const run of runs) {
    const key = `${run.configuration} ${run.arm}`;
    const own = kinds.get(key) ?? {
      kind: {
        ...{ configuration: run.configuration, arm: run.arm, queued: 0, running: [] },
        ...{ meanMs: null, succeededMs: null },
      },
      ...{ ended: [], failed: [], running: [] },
    };
    kinds.set(key, own);
    if (run.to <= now) (run.fails ? own.failed : own.ended).push(run.to - run.from);
    else if (run.from <= now) own.running.push(now - run.from);
    else own.kind.queued++;
  }
  const lately = runs
    .filter(({ from }) => from <= now)
    .map(({ from, to }) => ({ from, to: Math.min(to, now) }))
    .toSorted((a, b) => b.to - a.to)
    .slice(0, 50);
  return [
    [...kinds.values()].map(({ kind, ended, failed, running }) => ({
      ...kind,
      running,
      meanMs: meanOf([...cut(ended), ...cut(failed)]),
      succeededMs: meanOf(cut(ended)),
    })),
    lately,
  ];
}

/** In blocks of one run of each kind, each in an order of its own, as studies are handed out. */
const study = (configurations: Record<string, number>, blocks: number, draw: () => number, noise = 0.1) =>
  Array.from({ length: blocks }, () =>
    shuffled(
      Object.entries(configurations).flatMap(([configuration, ms]) =>
        ["det", "free"].map((arm) => ({
          ...{ configuration, arm },
          ms: ms * (arm === "det" ? 1.2 : 1) * (1 + noise * (2 * draw() - 1)),
        })),
      ),
      draw,
    ),
  ).flat();

const worlds: Record<string, (seed: number) => Scheduled[]> = {
  "equal runs, one at a time": (seed) =>
    schedule(study({ a: 2000, b: 2000 }, 15, random(seed)), { slots: 1, wayMs: 400 }),
  "one configuration takes ten times as long": (seed) =>
    schedule(study({ a: 1000, b: 10_000 }, 30, random(seed)), { slots: 2, wayMs: 300 }),
  "six configurations of all lengths, four at a time": (seed) =>
    schedule(study({ a: 1000, b: 2000, c: 4000, d: 8000, e: 16_000, f: 32_000 }, 20, random(seed)), {
      slots: 4,
      wayMs: 500,
    }),
  "short runs whose ways take longer than they": (seed) =>
    schedule(study({ a: 300, b: 500 }, 30, random(seed)), { slots: 2, wayMs: 900 }),
  "one of three workers takes three times as long": (seed) =>
    schedule(study({ a: 2000, b: 6000 }, 30, random(seed)), { slots: 3, wayMs: 300, slowness: [1, 3, 1] }),
  "one of three configurations ends at once, as those that fail do": (seed) =>
    schedule(study({ a: 200, b: 6000, c: 9000 }, 25, random(seed)), { slots: 2, wayMs: 300 }),
  "every third run fails half way": (seed) => {
    const draw = random(seed + 100);
    return schedule(
      study({ a: 3000, b: 5000 }, 40, random(seed)).map((run) =>
        draw() < 1 / 3 ? { ...run, ms: run.ms / 2, fails: true } : run,
      ),
      { slots: 2, wayMs: 300 },
    );
  },
  "six of ten runs fail at once": (seed) =>
    schedule(
      study({ a: 30_000 }, 150, random(seed)).map((run, index) =>
        index % 5 < 3 ? { ...run, ms: 100, fails: true } : run,
      ),
      { slots: 2, wayMs: 300 },
    ),
  "a pause of ten minutes": (seed) =>
    schedule(study({ a: 3000, b: 5000 }, 25, random(seed)), {
      slots: 2,
      wayMs: 300,
      pause: { after: 8, ms: 600_000 },
    }),
};

describe("time left", () => {
  it.each(Object.keys(worlds))("%s: right within 30 percent from the first tenth on", (name) => {
    for (let seed = 1; seed <= 20; seed++) {
      const runs = worlds[name]?.(seed) ?? [];
      const end = Math.max(...runs.map(({ to }) => to));
      const ends = runs.map(({ to }) => to).toSorted((a, b) => a - b);
      for (const share of [0.1, 0.2, 0.3, 0.5, 0.7]) {
        const now = ends[Math.ceil(share * runs.length) - 1] ?? 0;
        const left = remainingTime(...told(runs, now));
        const ratio = (left ?? Number.NaN) / (end - now);
        expect(ratio, `${name}, seed ${seed}, after ${share}`).toBeGreaterThan(0.7);
        expect(ratio, `${name}, seed ${seed}, after ${share}`).toBeLessThan(1.3);
      }
    }
  });

  it("is unknown before a run has ended", () => {
    const kind = {
      configuration: "a",
      arm: "det",
      queued: 3,
      running: [500],
      meanMs: null,
      succeededMs: null,
    };
    expect(remainingTime([kind], [{ from: 0, to: 500 }])).toBeNull();
  });

  it("is what the longest running run still needs if it succeeds, where nothing waits", () => {
    const kind = {
      ...{ configuration: "a", arm: "det", queued: 0, running: [200, 900] },
      // Most failed at once; these two have not.
      ...{ meanMs: 300, succeededMs: 1000 },
    };
    expect(remainingTime([kind], [{ from: 0, to: 1000 }])).toBe(900);
    // All failed, and this one lasts longer than they: it may take what successes of others take.
    const failing = { ...kind, configuration: "b", running: [400], succeededMs: null };
    expect(remainingTime([{ ...kind, running: [] }, failing], [{ from: 0, to: 1000 }])).toBe(600);
  });
});
