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
  dashed?: boolean;
};

/** A line across a panel at a place of its horizontal axis; `row` keeps the texts of several lines apart. */
export type PanelMark = { at: number; text: string; color: string; row: number };

type Row = { step: number } & Record<string, number | [number, number] | null>;

export function rowsOf(lines: readonly PanelLine[], factor: number): Row[] {
  const rows = new Map<number, Row>();
  for (const line of lines) {
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
