import { guardedConfidence } from "../error-rates/guarded.js";
import { meanInterval, pairedT, welchT } from "../means/t-tests.js";
import { normalCdf, tQuantile } from "../numerics/distributions.js";
import { createRandom, type Random } from "../numerics/random.js";
import { aucCovariance, aucDesign, aucInfluence } from "../patients/clustered-auc.js";
import { oneShot } from "../patients/one-shot.js";
import { compareReaders, guardedReaders, type ReaderDesign } from "../patients/readers.js";
import { outperformance } from "../ranks/outperformance.js";

/** An interval that is printed as one of 95 %, in one world: how often it was given, and held the truth. */
export type PrintedRow = { interval: string; world: string; n: string; given: number; covered: number };

/** What a printed interval must cover at least. */
export const wantedCoverage = 0.93;

type Bounds = readonly [number, number];
type Shape = {
  name: string;
  mean: number;
  draw: (random: Random) => number;
  /** The value of a run; when absent, its seed scatters with this shape, too, and twice as much. */
  single?: (random: Random) => number;
};

const heavy = (random: Random) =>
  random.normal() / Math.sqrt(random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2);

/** Distances between errors are geometric: a few draws instead of one per case. */
function accuracyNearCeiling(random: Random): number {
  const [cases, error] = [228, 0.02 * Math.exp(0.4 * random.normal())];
  const step = () => 1 + Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - error));
  let wrong = 0;
  for (let at = step(); at <= cases; at += step()) wrong += 1;
  return 1 - wrong / cases;
}

const shapes: readonly Shape[] = [
  { name: "normal", mean: 0, draw: (random) => random.normal() },
  { name: "t with 3 degrees of freedom", mean: 0, draw: heavy },
  { name: "skewed: exponential", mean: 1, draw: (random) => -Math.log(1 - random.uniform()) },
  { name: "skewed: log-normal", mean: Math.exp(0.5), draw: (random) => Math.exp(random.normal()) },
  {
    name: "accuracy near 98 % of 228 cases",
    mean: 1 - 0.02 * Math.exp(0.08),
    draw: accuracyNearCeiling,
    single: accuracyNearCeiling,
  },
];

const firstSeed = 20_261_130;

/** Counts over studies, each with a stream of its own. */
function rowOf(
  { interval, world, n }: Pick<PrintedRow, "interval" | "world" | "n">,
  studies: number,
  truth: number,
  study: (random: Random) => Bounds | null,
): PrintedRow {
  const row = { interval, world, n, given: 0, covered: 0 };
  for (let i = 0; i < studies; i++) {
    const bounds = study(createRandom(firstSeed, i));
    if (!bounds?.every((end) => !Number.isNaN(end))) continue;
    row.given += 1;
    if (bounds[0] <= truth && truth <= bounds[1]) row.covered += 1;
  }
  return row;
}

const sample = (random: Random, n: number, draw: Shape["draw"]) =>
  Array.from({ length: n }, () => draw(random));

/** Of runs that all agree no interval is given. */
const unlessEqual = (x: readonly number[], of: (x: readonly number[]) => Bounds): Bounds | null =>
  new Set(x).size === 1 ? null : of(x);

function ofMeans(studies: number): PrintedRow[] {
  return shapes.flatMap(({ name, mean, draw, single }) =>
    [3, 5, 10].map((n) =>
      rowOf(
        { interval: "mean over seeds", world: name, n: `${n}` },
        studies,
        single ? mean : 3 * mean,
        (random) =>
          unlessEqual(sample(random, n, single ?? ((own) => 2 * draw(own) + draw(own))), (x) =>
            meanInterval(x, guardedConfidence.mean),
          ),
      ),
    ),
  );
}

/** Two configurations that are alike: their difference is 0. */
function ofDifferences(studies: number): PrintedRow[] {
  return shapes.flatMap(({ name, draw }) =>
    [3, 5, 10].flatMap((n) => [
      rowOf({ interval: "difference, paired on seed", world: name, n: `${n}` }, studies, 0, (random) => {
        const seeds = sample(random, n, draw);
        const [a, b] = [seeds.map((own) => own + draw(random)), seeds.map((own) => own + draw(random))];
        const { interval, reason } = pairedT(a, b);
        return reason === undefined ? interval : null;
      }),
      rowOf({ interval: "difference, seeds of their own", world: name, n: `${n}` }, studies, 0, (random) => {
        const { interval, reason } = welchT(sample(random, n, draw), sample(random, n, draw));
        return reason === undefined ? interval : null;
      }),
    ]),
  );
}

/** P(A > B) between values of equal shape, A shifted; the truth by simulation where no formula gives it. */
function ofOutperformance(studies: number): PrintedRow[] {
  const cases = [
    { world: "normal", draw: (random: Random) => random.normal(), scale: 1, shifts: [0, 1, 2] },
    {
      world: "normal, B with five times the SD",
      draw: (random: Random) => random.normal(),
      scale: 5,
      shifts: [0, 10],
    },
  ];
  return cases.flatMap(({ world, draw, scale, shifts }) =>
    shifts.flatMap((shift) =>
      [29, 60, 250].flatMap((n) =>
        [true, false].map((paired) => {
          const truth = normalCdf(shift / Math.sqrt(1 + scale ** 2));
          return rowOf(
            {
              interval: `P(A > B), ${paired ? "paired" : "unpaired"}`,
              world: `${world}, true value ${(100 * truth).toFixed(0)} %`,
              n: `${n}`,
            },
            studies,
            truth,
            (random) => {
              const a = sample(random, n, draw).map((value) => value + shift);
              const b = sample(random, n, draw).map((value) => scale * value);
              return outperformance(a, b, { paired }).interval;
            },
          );
        }),
      ),
    ),
  );
}

type Readers = { readers: number; positives: number; negatives: number; apart: number; design: ReaderDesign };

/**
 * Roe and Metz' binormal model of two equally good tests: scores with a part of the case, of the reader, of both, and noise.
 * Source: Roe & Metz (1997), Academic Radiology 4:298–303.
 */
function readings(random: Random, { readers, positives, negatives, apart, design }: Readers) {
  const n = positives + negatives;
  const labels = Array.from({ length: n }, (_, i) => (i < positives ? 1 : 0));
  const cases = labels.map(() => Math.sqrt(0.5) * random.normal());
  const byTest = [0, 1].map(() => labels.map(() => Math.sqrt(0.1) * random.normal()));
  const shared = Array.from({ length: readers }, () => 0.15 * random.normal());
  const scores = byTest.map((ofTest) =>
    Array.from({ length: readers }, (_, r) => {
      const skill = design === "factorial" ? Number(shared[r]) : 0.15 * random.normal();
      const own = 0.1 * random.normal();
      return labels.map(
        (label, i) =>
          label * (apart + skill + own) +
          Number(cases[i]) +
          Number(ofTest[i]) +
          Math.sqrt(0.4) * random.normal(),
      );
    }),
  );
  return { labels, scores };
}

/** Obuchowski and Rockette's analysis of the areas. */
function analysed(labels: number[], scores: number[][][], readers: ReaderDesign) {
  const design = aucDesign(labels, null);
  const parts = scores.map((side) => side.map((own) => aucInfluence(design, [own])));
  const part = (test: number, reader: number) => {
    const found = parts[test]?.[reader];
    if (!found) throw new RangeError(`There is no reader ${reader} of test ${test}.`);
    return found;
  };
  const [a = [], b = []] = parts.map((side) => side.map(({ auc }) => auc));
  const found = compareReaders(
    [a, b],
    (t, r, u, s) => aucCovariance(design, part(t, r), part(u, s)),
    readers,
  );
  return guardedReaders(found, a.length, readers);
}

function ofReaders(studies: number): PrintedRow[] {
  const settings: { name: string; setting: Readers }[] = (["factorial", "nested"] as const).flatMap(
    (design) => [
      {
        name: "area 0.86, 100 + 100 cases",
        setting: { readers: 5, positives: 100, negatives: 100, apart: 1.5, design },
      },
      {
        name: "area 0.86, 100 + 100 cases",
        setting: { readers: 2, positives: 100, negatives: 100, apart: 1.5, design },
      },
      {
        name: "area 0.86, 30 + 70 cases",
        setting: { readers: 3, positives: 30, negatives: 70, apart: 1.5, design },
      },
      {
        name: "area 0.96, 100 + 100 cases",
        setting: { readers: 5, positives: 100, negatives: 100, apart: 2.5, design },
      },
    ],
  );
  return settings.flatMap(({ name, setting }) => {
    const paired = setting.design === "factorial";
    const about = { world: `${name}, ${paired ? "paired" : "unpaired"}`, n: `${setting.readers} a side` };
    const areas = rowOf({ interval: "area, runs as readers", ...about }, studies, 0, (random) => {
      const { labels, scores } = readings(random, setting);
      return analysed(labels, scores, setting.design).interval;
    });
    if (!paired) return [areas];
    const free = rowOf({ interval: "area, one-shot", ...about }, studies, 0, (random) => {
      const { labels, scores } = readings(random, setting);
      const split = (side: number[][], label: number) =>
        side.map((own) => own.filter((_, i) => labels[i] === label));
      const [a = [], b = []] = scores;
      const { estimate, variance } = oneShot(split(a, 1), split(a, 0), {
        positives: split(b, 1),
        negatives: split(b, 0),
      });
      if (!(variance > 0)) return null;
      const half = tQuantile(0.975, analysed(labels, scores, setting.design).df) * Math.sqrt(variance);
      return [estimate - half, estimate + half];
    });
    return [areas, free];
  });
}

/** Every printed interval that is not simulated with whole studies. */
export function printedIntervals(studies: number): PrintedRow[] {
  return [
    ...ofMeans(studies),
    ...ofDifferences(studies),
    ...ofOutperformance(studies),
    ...ofReaders(studies),
  ];
}

/** The rows as lines of a Markdown section. */
export function printedIntervalLines(
  rows: readonly PrintedRow[],
  isOk: (row: PrintedRow) => boolean,
): string[] {
  return [
    "| interval printed as 95 % | world | n | studies with one | covered | ok |",
    "|---|---|---:|---:|---:|---|",
    ...rows.map((row) => {
      const { interval, world, n, given, covered } = row;
      const share = `${((100 * covered) / given).toFixed(1)} %`;
      return `| ${[interval, world, n, given, share, isOk(row) ? "yes" : "**no**"].join(" | ")} |`;
    }),
  ];
}
