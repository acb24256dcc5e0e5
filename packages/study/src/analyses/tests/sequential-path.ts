import {
  boundsOf,
  decodeNumber,
  looksOf,
  type SequentialDesign,
  type SequentialPoint,
  type Settleable,
} from "@reprise/contracts";
import {
  anytimeCriticalT,
  anytimeOneSidedT,
  anytimeT,
  groupSequentialT,
  mean,
  standardDeviation,
} from "@reprise/statistics";
import { degeneracy, known } from "../cells.js";
import type { SeedDifference } from "./sequential-questions.js";

export type PathSettings = {
  design: SequentialDesign;
  /** Error of this question over all looks. */
  alpha: number;
  margin: number | null;
  /** Seeds whose runs have all ended. */
  trained: number;
  metricLabel: string;
};

/** t beyond which a difference, and either one-sided test, is shown with n results after so many seeds; Infinity between looks. */
type Bounds = (seeds: number, n: number) => { two: number; one: number };

const never = Number.POSITIVE_INFINITY;

/** Bounds at looks where fewer results are in than planned are those for what is in; the last look spends what is left. */
function spendingBounds(
  { design, alpha, trained }: PathSettings,
  spending: "obrien-fleming" | "pocock",
  resultsAt: (seeds: number) => number,
): Bounds {
  const taken = looksOf(design).filter((seeds) => seeds <= trained);
  const results = [...new Set(taken.map(resultsAt))].filter((n) => n > 1);
  const options = { alpha, spending, planned: design.maxSeeds, final: trained >= design.maxSeeds };
  const at = (sides: 1 | 2) => (results.length === 0 ? [] : groupSequentialT(results, { ...options, sides }));
  const [two, one] = [at(2), at(1)];
  return (seeds, n) => {
    const look = taken.includes(seeds) ? results.indexOf(n) : -1;
    return { two: two[look] ?? never, one: one[look] ?? never };
  };
}

const around = (centre: number, half: number) => ({
  low: known(Number.isFinite(half) ? centre - half : Number.NaN),
  high: known(Number.isFinite(half) ? centre + half : Number.NaN),
});

/** What one question showed after every seed that has been trained, with error held over all looks. */
export function pathOf(differences: readonly SeedDifference[], settings: PathSettings): SequentialPoint[] {
  const { design, alpha, margin, trained, metricLabel } = settings;
  const kind = boundsOf(design);
  const looks = new Set(looksOf(design));
  const values = (seeds: number) =>
    differences.slice(0, seeds).flatMap(({ value }) => (value === null ? [] : [value]));
  const bounds: Bounds =
    kind === "anytime"
      ? (_, n) => ({ two: anytimeCriticalT(n, alpha), one: anytimeOneSidedT(n, alpha) })
      : spendingBounds(settings, kind, (seeds) => values(seeds).length);
  return differences.slice(0, trained).map(({ seed, value, missing }, index) => {
    const seeds = index + 1;
    const own = values(seeds);
    const centre = own.length === 0 ? Number.NaN : mean(own);
    const usable = own.length > 1 && degeneracy(own, metricLabel) === null;
    const se = usable ? standardDeviation(own) / Math.sqrt(own.length) : Number.NaN;
    const { two, one } = usable ? bounds(seeds, own.length) : { two: never, one: never };
    const look = looks.has(seeds);
    const point = {
      seeds,
      seed,
      n: own.length,
      difference: known(value),
      missing,
      estimate: known(centre),
      interval: around(centre, two * se),
      oneSided: around(centre, one * se),
      eValue: kind === "anytime" && usable ? known(anytimeT(own, { alpha }).eValue) : null,
      look,
    };
    return { ...point, claim: look ? claimOf(point, design.settle, margin) : null };
  });
}

const number = (value: SequentialPoint["estimate"]) => (value === null ? Number.NaN : decodeNumber(value));

/** What a point shows of what the study is after; a difference goes first, for one that is small is still one. */
function claimOf(
  { interval, oneSided }: Pick<SequentialPoint, "interval" | "oneSided">,
  settle: readonly Settleable[],
  margin: number | null,
): Settleable | null {
  if (settle.includes("difference") && (number(interval.low) > 0 || number(interval.high) < 0))
    return "difference";
  const within = margin !== null && number(oneSided.low) > -margin && number(oneSided.high) < margin;
  return settle.includes("equivalence") && within ? "equivalence" : null;
}
