import { encodeNumber, type GroupSums, type RunGroup, type WireNumber } from "@reprise/contracts";
import { tQuantile } from "@reprise/statistics";

const wire = (value: number | null): WireNumber | null => (value === null ? null : encodeNumber(value));

/** 95 % t interval of the mean of `units` values; null below two or where a value is not finite. */
function intervalOf(mean: number | null, sd: number | null, units: number, over: "runs" | "cells") {
  if (mean === null || sd === null || units < 2 || !Number.isFinite(mean) || !Number.isFinite(sd))
    return null;
  const half = (tQuantile(0.975, units - 1) * sd) / Math.sqrt(units);
  return { low: encodeNumber(mean - half), high: encodeNumber(mean + half), over };
}

/** Figures of a group of runs, with the interval of their mean, from the sums over all of them. */
export function runGroupOf(sums: GroupSums): RunGroup {
  const { by, runs, diverged, n, cells, mean, sd, min, max, cellMean, cellSd } = sums;
  // Several runs of one cell share their draws: their mean is one unit.
  const clustered = n > cells;
  return {
    by,
    runs,
    diverged,
    n,
    cells,
    mean: wire(mean),
    sd: wire(sd),
    interval:
      clustered && cells > 1 ? intervalOf(cellMean, cellSd, cells, "cells") : intervalOf(mean, sd, n, "runs"),
    min: wire(min),
    max: wire(max),
  };
}
