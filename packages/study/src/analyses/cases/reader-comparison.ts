import {
  type AucInfluence,
  aucCovariance,
  aucInfluence,
  clustersOf,
  compareReaders,
  guardedReaders,
  type ReaderComparison,
  type ReaderDesign,
} from "@reprise/statistics";
import { caseDesignOf } from "./case-design.js";
import type { AlignedRuns } from "./sampling.js";

/** Runs of two sides by reader; numbers are places among the aligned runs. */
export type Contrast = {
  aligned: AlignedRuns;
  readers: [number[][], number[][]];
  design: ReaderDesign;
  reader: "seed" | "repeat";
};

/** Scores of the positive class, by class of the case. */
export function scoresOfClass({ labels, positiveClass, runs }: AlignedRuns, run: number) {
  const of = (positive: boolean) =>
    labels.flatMap((label, i) =>
      (label === positiveClass) === positive
        ? [runs[run]?.scores[i]?.[positiveClass ?? 0] ?? Number.NaN]
        : [],
    );
  return { positives: of(true), negatives: of(false) };
}

/** Two sides compared on one figure for other readers and other cases; null where a run has no such figure. */
export function comparisonOf(
  { aligned, readers, design }: Contrast,
  metric: "auc" | "sensitivity" | "specificity" | "accuracy",
): ReaderComparison | null {
  const figures = metric === "auc" ? areas(aligned, readers) : rates(aligned, readers, metric);
  if (!figures) return null;
  const { estimates, covariance } = figures;
  const [a, b] = estimates;
  if ([...a, ...b].some(Number.isNaN)) return null;
  return guardedReaders(compareReaders([a, b], covariance, design), a.length, design);
}

type Figures = {
  estimates: [number[], number[]];
  covariance: (test: number, reader: number, other: number, otherReader: number) => number;
};

/** What every reader's figure is made of, and how two of them vary together. */
function figuresFrom<Part>(
  parts: readonly (readonly Part[])[],
  estimate: (part: Part) => number,
  covariance: (a: Part, b: Part) => number,
): Figures {
  const at = (test: number, reader: number): Part => {
    const part = parts[test]?.[reader];
    if (part === undefined) throw new RangeError(`There is no reader ${reader} on side ${test}.`);
    return part;
  };
  const [a = [], b = []] = parts.map((own) => own.map(estimate));
  return { estimates: [a, b], covariance: (t, r, u, s) => covariance(at(t, r), at(u, s)) };
}

function areas(aligned: AlignedRuns, readers: Contrast["readers"]): Figures | null {
  const { runs } = aligned;
  const { areas: designs, placementsOf } = caseDesignOf(aligned);
  if (!designs) return null;
  const design = designs.grouped;
  const parts = readers.map((side) =>
    side.map(
      (own): AucInfluence =>
        aucInfluence(
          design,
          own.flatMap((run) => (runs[run] ? [placementsOf(runs[run].scores)] : [])),
        ),
    ),
  );
  return figuresFrom(
    parts,
    ({ auc }) => auc,
    (a, b) => aucCovariance(design, a, b),
  );
}

/** Rates as means over cases: their covariance is that of two ratio estimates over the same clusters. */
function rates(
  aligned: AlignedRuns,
  readers: Contrast["readers"],
  metric: "sensitivity" | "specificity" | "accuracy",
): Figures {
  const { labels, runs } = aligned;
  const { all, positive, negative } = caseDesignOf(aligned);
  const part = { accuracy: all, sensitivity: positive, specificity: negative }[metric];
  const meant = Array.from(part.places);
  const clusters = part.clusters ?? clustersOf(meant, meant.length);
  const parts = readers.map((side) =>
    side.map((own) => {
      const right = meant.map(
        (i) => own.reduce((sum, run) => sum + (runs[run]?.decided[i] === labels[i] ? 1 : 0), 0) / own.length,
      );
      const rate = right.reduce((sum, value) => sum + value, 0) / right.length;
      const sums = new Float64Array(clusters.count);
      for (const [at, value] of right.entries()) {
        const k = clusters.of[at] ?? 0;
        sums[k] = (sums[k] ?? 0) + value - rate;
      }
      return { rate, sums };
    }),
  );
  const factor = clusters.count / (clusters.count - 1) / meant.length ** 2;
  return figuresFrom(
    parts,
    ({ rate }) => rate,
    (a, b) => factor * product(a.sums, b.sums),
  );
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += Number(a[k]) * Number(b[k]);
  return sum;
}
