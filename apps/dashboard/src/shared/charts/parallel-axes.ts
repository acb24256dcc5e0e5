import { scaleLinear, scaleLog, scalePoint } from "d3-scale";
import { hashOf } from "../marks/digest-marks.js";

export type ParallelAxis = {
  key: string;
  label: string;
  kind: "number" | "category";
  /** Distinct values in their order; of a number axis the smallest and largest are enough. */
  values: readonly (number | string)[];
  format: (value: number | string) => string;
};

export type ParallelLine = {
  id: string;
  color: string;
  dash: string | undefined;
  label: string;
  values: readonly (number | string | null)[];
};

/** A chosen stretch of an axis, as shares of its height from the bottom; absent where nothing is chosen. */
export type Brushes = Readonly<Record<string, readonly [number, number]>>;

/** Where a value stands on its axis, 0 at the bottom and 1 at the top. */
export function shareOf(axis: ParallelAxis): (value: number | string) => number {
  if (axis.kind === "category") {
    const scale = scalePoint<string>().domain(axis.values.map(String)).range([0, 1]).padding(0.25);
    return (value) => scale(String(value)) ?? 0;
  }
  const numbers = axis.values.map(Number);
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  if (low === high) return () => 0.5;
  const scale = low > 0 && high / low >= 10 ? scaleLog() : scaleLinear();
  scale.domain([low, high]).range([0, 1]);
  return (value) => scale(Number(value));
}

function isChosen(
  line: ParallelLine,
  places: ((value: number | string) => number)[],
  axes: readonly ParallelAxis[],
  brushes: Brushes,
) {
  return axes.every((axis, index) => {
    const brush = brushes[axis.key];
    if (!brush) return true;
    const value = line.values[index] ?? null;
    if (value === null) return false;
    const share = places[index]?.(value) ?? 0;
    return share >= brush[0] - 1e-9 && share <= brush[1] + 1e-9;
  });
}

/** Lines that share a value fan out a little, each always to the same side, so that their number can be seen. */
export function spreadOf(axis: ParallelAxis, id: string): number {
  if (axis.kind === "number" && axis.values.length > 12) return 0;
  return ((hashOf(id + axis.key) % 1000) / 999 - 0.5) * 22;
}

/** Lines that lie within every brushed stretch. */
export function chosenLines(
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
  brushes: Brushes,
): ParallelLine[] {
  const places = axes.map(shareOf);
  return lines.filter((line) => isChosen(line, places, axes, brushes));
}
