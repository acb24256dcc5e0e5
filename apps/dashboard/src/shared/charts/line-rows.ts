export type PanelLine = {
  key: string;
  label: string;
  color: string;
  steps: readonly number[];
  values: readonly (number | null)[];
  /** Interval around the line, same length as `steps`. */
  band?: { low: readonly (number | null)[]; high: readonly (number | null)[] };
  /** A single run behind its mean: thin, and not in the tooltip. */
  faint?: boolean;
  /** How its line is dashed; whole without. */
  dash?: string | undefined;
};

/** A line across a panel at a place of its horizontal axis; `row` keeps the texts of several lines apart. */
export type PanelMark = { at: number; text: string; color: string; row: number };

/**
 * A line in pieces, cut where values are NaN or infinite: over those there is a gap, while a step at which this line has no
 * point and another has is none. The first piece keeps the key.
 */
export function piecesOf(line: PanelLine): PanelLine[] {
  const pieces: number[][] = [];
  let isOpen = false;
  for (const [index, value] of line.values.entries()) {
    if (value === null) isOpen = false;
    else if (isOpen) pieces.at(-1)?.push(index);
    else {
      pieces.push([index]);
      isOpen = true;
    }
  }
  const pick = <T>(from: readonly T[], indices: readonly number[]) =>
    indices.flatMap((index) => {
      const value = from[index];
      return value === undefined ? [] : [value];
    });
  return pieces.map((indices, piece) => ({
    ...line,
    key: piece === 0 ? line.key : `${line.key} ${piece + 1}`,
    steps: pick(line.steps, indices),
    values: pick(line.values, indices),
    ...(line.band
      ? { band: { low: pick(line.band.low, indices), high: pick(line.band.high, indices) } }
      : {}),
  }));
}

/** Where each line first is NaN or infinite, marked; at most `most` of them. */
export function gapMarks(lines: readonly PanelLine[], most = 3): PanelMark[] {
  const marks = lines.flatMap((line) => {
    const at = line.steps[line.values.indexOf(null)];
    return at === undefined ? [] : [{ at, text: `${line.label}: not finite`, color: line.color }];
  });
  return marks.slice(0, most).map((mark, row) => ({ ...mark, row }));
}

type Row = { step: number } & Record<string, number | [number, number] | null>;

export function rowsOf(lines: readonly PanelLine[], factor: number): Row[] {
  const rows = new Map<number, Row>();
  for (const step of lines.flatMap((line) => line.steps)) rows.set(step, { step });
  for (const line of lines.flatMap(piecesOf)) {
    line.steps.forEach((step, index) => {
      const row: Row = rows.get(step) ?? { step };
      const value = line.values[index] ?? null;
      row[line.key] = value === null ? null : value * factor;
      const low = line.band?.low[index] ?? null;
      const high = line.band?.high[index] ?? null;
      if (line.band)
        row[`${line.key} band`] = low === null || high === null ? null : [low * factor, high * factor];
      rows.set(step, row);
    });
  }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}
