import type { ClassificationRow } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { finiteOrNull } from "../format/numbers.js";

type Point = { arm: string; x: number; y: number; runs: number };

/** Share of positive cases in the test split: what weighs sensitivity against specificity in the accuracy. */
export function prevalenceOf(rows: readonly ClassificationRow[]): number | null {
  const sampling = rows.find((row) => row.samplingIntervals?.sensitivity)?.samplingIntervals;
  if (!sampling?.sensitivity || !sampling.specificity) return null;
  return sampling.sensitivity.n / (sampling.sensitivity.n + sampling.specificity.n);
}

/** Lines of equal accuracy across the plane: accuracy = prevalence × sensitivity + (1 − prevalence) × specificity. */
export function isoLines(
  prevalence: number,
  domain: { x: [number, number]; y: [number, number] },
): { accuracy: number; from: [number, number]; to: [number, number] }[] {
  const accuracyAt = (x: number, y: number) => prevalence * y + (1 - prevalence) * x;
  const low = accuracyAt(domain.x[0], domain.y[0]);
  const high = accuracyAt(domain.x[1], domain.y[1]);
  return scaleLinear()
    .domain([low, high])
    .ticks(6)
    .flatMap((accuracy) => {
      const yAt = (x: number) => (accuracy - (1 - prevalence) * x) / prevalence;
      const xAt = (y: number) => (accuracy - prevalence * y) / (1 - prevalence);
      const left = Math.max(domain.x[0], xAt(domain.y[1]));
      const right = Math.min(domain.x[1], xAt(domain.y[0]));
      if (right - left < (domain.x[1] - domain.x[0]) * 0.08) return [];
      return [
        {
          accuracy,
          from: [left, yAt(left)] as [number, number],
          to: [right, yAt(right)] as [number, number],
        },
      ];
    });
}

/** Runs by arm and place: several runs often sit on one point, because cases are counted. */
export function pointsOf(rows: readonly ClassificationRow[]): Point[] {
  const points = new Map<string, Point>();
  for (const row of rows) {
    for (const run of row.runs) {
      const x = finiteOrNull(run.specificity);
      const y = finiteOrNull(run.sensitivity);
      if (x === null || y === null) continue;
      const key = `${row.arm} ${x} ${y}`;
      const point = points.get(key) ?? { arm: row.arm, x: x * 100, y: y * 100, runs: 0 };
      point.runs += 1;
      points.set(key, point);
    }
  }
  return [...points.values()].sort((a, b) => b.runs - a.runs);
}

export function samplingOf(rows: readonly ClassificationRow[]) {
  const intervals = rows.find((row) => row.samplingIntervals?.sensitivity)?.samplingIntervals;
  const sensitivity = intervals?.sensitivity;
  const specificity = intervals?.specificity;
  if (!sensitivity || !specificity) return null;
  const values = [sensitivity.estimate, sensitivity.low, sensitivity.high];
  const others = [specificity.estimate, specificity.low, specificity.high];
  const [y = null, yLow = null, yHigh = null] = values.map(finiteOrNull);
  const [x = null, xLow = null, xHigh = null] = others.map(finiteOrNull);
  if (y === null || yLow === null || yHigh === null || x === null || xLow === null || xHigh === null)
    return null;
  return {
    x: x * 100,
    xLow: xLow * 100,
    xHigh: xHigh * 100,
    y: y * 100,
    yLow: yLow * 100,
    yHigh: yHigh * 100,
  };
}

export function domainOf(rows: readonly ClassificationRow[]): { x: [number, number]; y: [number, number] } {
  const points = pointsOf(rows);
  const crosses = rows.flatMap((row) => samplingOf([row]) ?? []);
  const pad = (values: number[]): [number, number] => {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const room = (high - low || 2) * 0.06;
    return [Math.max(0, low - room), Math.min(100.5, high + room)];
  };
  return {
    x: pad([...points.map((p) => p.x), ...crosses.flatMap((c) => [c.xLow, c.xHigh])]),
    y: pad([...points.map((p) => p.y), ...crosses.flatMap((c) => [c.yLow, c.yHigh])]),
  };
}
