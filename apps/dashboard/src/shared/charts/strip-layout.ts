import type { StripRun } from "@reprise/contracts";
import { type DigestMark, digestMarks } from "../marks/digest-marks.js";

/** One configuration × seed. */
export type StripRow = { key: string; configurationKey: string; seed: number; runs: StripRun[] };

export type PlacedSquare = { run: StripRun; mark: DigestMark | null; x: number; y: number };
export type PlacedRow = StripRow & {
  y: number;
  height: number;
  /** Set on the first row of a configuration. */
  heading: string | null;
  squares: PlacedSquare[];
  /** Where its seed is told; null where another row tells it. */
  seedAt: { x: number; y: number; anchor: "start" | "middle" | "end" } | null;
  /** How many different digests each arm ended with, in words. */
  summary: string;
};
export type StripLayout = {
  size: number;
  rows: PlacedRow[];
  arms: { name: string; x: number; width: number }[];
  /** Arms stand side by side; else each arm has lines of its own and names itself. */
  sideBySide: boolean;
  headingsAbove: boolean;
  labelWidth: number;
  summaryX: number | null;
  width: number;
  height: number;
};

const squareGap = 4;
const armGap = 22;

/** Configurations as they first appear, seeds ascending, arms and repeats in their order. */
export function stripRows(runs: readonly StripRun[], arms: readonly string[]): StripRow[] {
  const configurations = [...new Set(runs.map((run) => run.configurationKey))];
  const rows = new Map<string, StripRow>();
  for (const run of runs) {
    const key = `${run.configurationKey} ${run.seed}`;
    const row = rows.get(key) ?? { key, configurationKey: run.configurationKey, seed: run.seed, runs: [] };
    row.runs.push(run);
    rows.set(key, row);
  }
  const armRank = (name: string) => (arms.includes(name) ? arms.indexOf(name) : arms.length);
  for (const row of rows.values()) {
    row.runs.sort((a, b) => armRank(a.arm) - armRank(b.arm) || a.repeat - b.repeat);
  }
  return [...rows.values()].sort(
    (a, b) =>
      configurations.indexOf(a.configurationKey) - configurations.indexOf(b.configurationKey) ||
      a.seed - b.seed,
  );
}

function alikeness(digests: readonly string[]): string {
  const different = new Set(digests).size;
  if (digests.length === 1) return "1 run";
  const all = digests.length === 2 ? "the two" : `all ${digests.length}`;
  if (different === 1) return `${all} are equal`;
  return different === digests.length ? `${all} differ` : `${different} digests in ${digests.length}`;
}

function summaryOf(runs: readonly StripRun[], arms: readonly string[]): string {
  return arms
    .flatMap((arm) => {
      const own = runs.filter((run) => run.arm === arm);
      const digests = own.flatMap((run) => (run.digest && !run.diverged ? [run.digest] : []));
      const diverged = own.filter((run) => run.diverged).length;
      const said = [
        ...(digests.length === 0 ? [] : [alikeness(digests)]),
        ...(diverged === 0 ? [] : [`${diverged} diverged`]),
      ];
      return said.length === 0 ? [] : [`${arm} ${said.join(", ")}`];
    })
    .join(" · ");
}

/** Places every square for a given width: large and side by side where there is room, smaller or wrapped where not. */
export function layoutStrip(
  rows: readonly StripRow[],
  arms: readonly string[],
  labels: ReadonlyMap<string, string>,
  width: number,
): StripLayout {
  const columns = arms.map((arm) =>
    Math.max(0, ...rows.map((row) => row.runs.filter((run) => run.arm === arm).length)),
  );
  const total = columns.reduce((sum, count) => sum + count, 0);
  const headingsAbove = width < 720;
  const longest = Math.max(0, ...[...labels.values()].map((label) => label.length));
  const headingWidth = headingsAbove ? 0 : Math.min(260, Math.max(96, longest * 8 + 16));
  const longestSeed = Math.max(1, ...rows.map((row) => String(row.seed).length));
  const labelWidth = headingWidth + longestSeed * 8 + 48;
  const room = width - labelWidth - armGap * Math.max(0, arms.length - 1);
  const size = Math.max(14, Math.min(30, Math.floor(room / Math.max(1, total)) - squareGap));
  const sideBySide = total * (size + squareGap) <= room + squareGap;
  const perLine = Math.max(1, Math.floor((width - labelWidth + squareGap) / (size + squareGap)));

  let x = labelWidth;
  const placedArms = arms.map((name, index) => {
    const span = sideBySide
      ? (columns[index] ?? 0) * (size + squareGap) - squareGap
      : perLine * (size + squareGap) - squareGap;
    const place = { name, x: sideBySide ? x : labelWidth, width: Math.max(size, span) };
    if (sideBySide) x += place.width + armGap;
    return place;
  });
  const longestSummary = Math.max(0, ...rows.map((row) => summaryOf(row.runs, arms).length));
  const summaryX = sideBySide && width - x > longestSummary * 6.3 ? x + 4 : null;

  let y = sideBySide ? 30 : 4;
  let previous: string | null = null;
  const placed = rows.map((row): PlacedRow => {
    const first = row.configurationKey !== previous;
    const heading = first ? (labels.get(row.configurationKey) ?? row.configurationKey.slice(0, 8)) : null;
    if (first && previous !== null) y += 14;
    if (first && headingsAbove) y += 26;
    previous = row.configurationKey;
    const marks = digestMarks(row.runs.map((run) => run.digest));
    const squares: PlacedSquare[] = [];
    let line = y;
    for (const arm of placedArms) {
      const runs = row.runs.filter((run) => run.arm === arm.name);
      runs.forEach((run, index) => {
        const column = sideBySide ? index : index % perLine;
        const down = sideBySide ? 0 : Math.floor(index / perLine);
        squares.push({
          run,
          mark: run.digest ? (marks.get(run.digest) ?? null) : null,
          x: arm.x + column * (size + squareGap),
          y: line + down * (size + squareGap),
        });
      });
      if (!sideBySide && runs.length > 0) line += Math.ceil(runs.length / perLine) * (size + squareGap) + 2;
    }
    const height = sideBySide ? size : line - y - squareGap;
    const seedAt = {
      x: headingsAbove ? 0 : labelWidth - 16,
      y: y + size / 2,
      anchor: headingsAbove ? ("start" as const) : ("end" as const),
    };
    const result = { ...row, y, height, heading, squares, seedAt, summary: summaryOf(row.runs, arms) };
    y += height + (sideBySide ? squareGap + 2 : 10);
    return result;
  });
  return {
    size,
    rows: placed,
    arms: placedArms,
    sideBySide,
    headingsAbove,
    labelWidth,
    summaryX,
    width,
    height: y + 4,
  };
}

/** Free space in a dense strip; a phone has room for squares or for space. */
const denseSpace = {
  wide: { gap: 2, betweenArms: 4, betweenSeeds: 14 },
  narrow: { gap: 1, betweenArms: 3, betweenSeeds: 8 },
};
/** How wide "seed 12345" is in the letters of the strip, in pixels. */
const seedLabelWidth = (seed: number) => 32 + String(seed).length * 7.5;
const betweenLabels = 6;
const smallestSquare = 7;
const largestDense = 14;

/**
 * A line per configuration with its seeds side by side, for studies of many rows; null where the squares would be too small, or
 * the seeds are not the same in all configurations.
 */
export function layoutDense(
  rows: readonly StripRow[],
  arms: readonly string[],
  labels: ReadonlyMap<string, string>,
  width: number,
): StripLayout | null {
  const byConfiguration = new Map<string, StripRow[]>();
  for (const row of rows)
    byConfiguration.set(row.configurationKey, [...(byConfiguration.get(row.configurationKey) ?? []), row]);
  const seeds = [...new Set(rows.map(({ seed }) => seed))].toSorted((a, b) => a - b);
  if ([...byConfiguration.values()].some((own) => own.length !== seeds.length)) return null;
  const columns = arms.map((arm) =>
    Math.max(0, ...rows.map((row) => row.runs.filter((run) => run.arm === arm).length)),
  );
  const used = columns.filter((count) => count > 0).length;
  const perSeed = columns.reduce((sum, count) => sum + count, 0);
  const headingsAbove = width < 720;
  const { gap, betweenArms, betweenSeeds } = headingsAbove ? denseSpace.narrow : denseSpace.wide;
  const longest = Math.max(0, ...[...labels.values()].map((label) => label.length));
  const labelWidth = headingsAbove ? 0 : Math.min(260, Math.max(96, longest * 8 + 16));
  const fixed = seeds.length * (betweenArms * (used - 1) + betweenSeeds);
  const size = Math.min(
    largestDense,
    Math.floor((width - labelWidth - fixed) / Math.max(1, perSeed * seeds.length)) - gap,
  );
  if (size < smallestSquare) return null;
  const span = perSeed * (size + gap) + betweenArms * (used - 1);
  const widest = Math.max(...seeds.map(seedLabelWidth));
  // Every so manieth seed is told, where not all of them have room.
  const toldEvery = Math.ceil((widest + betweenLabels) / (span + betweenSeeds));
  const placed: PlacedRow[] = [];
  let y = 24;
  let isFirst = true;
  for (const [key, own] of byConfiguration) {
    if (headingsAbove) y += 22;
    own.forEach((row, index) => {
      const left = labelWidth + index * (span + betweenSeeds);
      const marks = digestMarks(row.runs.map((run) => run.digest));
      let x = left;
      const squares = arms.flatMap((arm, rank) => {
        const runs = row.runs.filter((run) => run.arm === arm);
        const from = x;
        x += (columns[rank] ?? 0) * (size + gap) + ((columns[rank] ?? 0) > 0 ? betweenArms : 0);
        return runs.map(
          (run, at): PlacedSquare => ({
            run,
            mark: run.digest ? (marks.get(run.digest) ?? null) : null,
            x: from + at * (size + gap),
            y,
          }),
        );
      });
      placed.push({
        ...row,
        ...{ y, height: size, squares, summary: summaryOf(row.runs, arms) },
        heading: index === 0 ? (labels.get(key) ?? key.slice(0, 8)) : null,
        seedAt:
          isFirst && index % toldEvery === 0 && (index === 0 || left + widest <= width)
            ? {
                ...(widest <= span
                  ? { x: left + span / 2, anchor: "middle" as const }
                  : { x: left, anchor: "start" as const }),
                y: headingsAbove ? 8 : 10,
              }
            : null,
      });
    });
    isFirst = false;
    y += size + 9;
  }
  return {
    ...{ size, rows: placed, arms: [], sideBySide: false, headingsAbove, labelWidth },
    ...{ summaryX: null, width, height: y + 4 },
  };
}
