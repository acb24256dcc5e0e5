import {
  encodeNumber,
  type GroupSums,
  type MetricRange,
  type RunGroup,
  type WireNumber,
} from "@reprise/contracts";
import { guardedConfidence, tQuantile, withinRange } from "@reprise/statistics";

const wire = (value: number | null): WireNumber | null => (value === null ? null : encodeNumber(value));

type Units = { mean: number | null; sd: number | null; n: number; over: "runs" | "cells" };

/** Why the mean of these units has no interval; null where it has one. */
function reasonAgainst({ mean, sd, n, over }: Units, diverged: number): string | null {
  if (diverged > 0)
    return `${diverged} of the runs diverged: an interval of a mean is for one kind of result`;
  if (n < 2)
    return n === 0 ? "no value" : `one ${over === "runs" ? "run" : "cell"}: its mean has no interval`;
  if (!Number.isFinite(mean) || !Number.isFinite(sd)) return "some values are not finite";
  return sd === 0 ? "all values are equal: no spread was seen, which is not to say that there is none" : null;
}

/** 95 % interval of the mean, Student's at the guarded level, cut at the bounds of the metric. */
function intervalOf({ mean, sd, n, over }: Units, range: MetricRange | null) {
  const half = (tQuantile(0.5 + guardedConfidence.mean / 2, n - 1) * (sd ?? Number.NaN)) / Math.sqrt(n);
  const [low, high] = withinRange([(mean ?? Number.NaN) - half, (mean ?? Number.NaN) + half], range);
  return { low: encodeNumber(low), high: encodeNumber(high), over };
}

/**
 * Figures of a group of runs, with the interval of their mean, from the sums over all of them.
 *
 * @param range between which values the metric lies, where that is known
 */
export function runGroupOf(sums: GroupSums, range: MetricRange | null = null): RunGroup {
  const { by, runs, diverged, n, cells, mean, sd, min, max } = sums;
  // Several runs of one cell share their draws: their mean is one unit.
  const overCells = n > cells && cells > 1;
  const units: Units = overCells
    ? { mean: sums.cellMean, sd: sums.cellSd, n: cells, over: "cells" }
    : { mean, sd, n, over: "runs" };
  const ends = overCells ? [sums.cellMin, sums.cellMax] : [min, max];
  const reason = reasonAgainst(units, diverged);
  return {
    by,
    runs,
    diverged,
    n,
    cells,
    mean: wire(mean),
    sd: wire(sd),
    interval: reason === null ? intervalOf(units, range) : null,
    intervalReason: reason,
    points: units.n === 2 ? ends.flatMap((end) => (end === null ? [] : encodeNumber(end))) : null,
    min: wire(min),
    max: wire(max),
  };
}
