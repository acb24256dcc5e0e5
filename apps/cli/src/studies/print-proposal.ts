import type { ImportAnswer, ImportProposal } from "@reprise/contracts";
import { counted } from "../counted.js";

const pad = (rows: readonly string[][]): string[] => {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
};

/** Cells that a terminal shows. */
const mostCells = 40;

/** The proposed design, for a terminal: what each column is read as, the cells, what is uneven and what nobody can know. */
export function proposalLines({
  columns,
  cells,
  unbalanced,
  unknowable,
  warnings,
  seed,
  arm,
}: ImportProposal): string[] {
  const shown = columns.filter(({ role }) => role !== "constant");
  const constants = columns.filter(({ role }) => role === "constant").map(({ name }) => name);
  const values = (column: ImportProposal["columns"][number]) => {
    const texts = column.values
      .slice(0, 4)
      .map(({ value }) => (typeof value === "string" ? value : JSON.stringify(value)));
    return `${texts.join(", ").slice(0, 60)}${column.distinct > 4 ? `, … (${column.distinct})` : ""}`;
  };
  return [
    "",
    ...pad([
      ["column", "read as", "values"],
      ...shown.map((column) => [
        column.name,
        column.role === "bound" ? `follows ${column.of}` : column.role,
        values(column),
      ]),
    ]),
    ...(constants.length > 0 ? [`the same in all: ${constants.join(", ")}`] : []),
    ...(seed === null ? ["no seed is known"] : []),
    ...(arm === null ? ["how runs were executed is not known"] : []),
    "",
    ...pad([
      ["configuration", "seed", "arm", "runs", "complete"],
      ...cells
        .slice(0, mostCells)
        .map((cell) => [
          cell.configuration,
          String(cell.seed),
          cell.arm,
          String(cell.runs),
          String(cell.complete),
        ]),
    ]),
    ...(cells.length > mostCells ? [`and ${cells.length - mostCells} further cells`] : []),
    "",
    ...[...unbalanced, ...unknowable].map((line) => `- ${line}`),
    ...warnings.slice(0, 10).map((line) => `! ${line}`),
  ];
}

/** What an import wrote, study by study. */
export function answerLines({ studies, left }: ImportAnswer, url: string): string[] {
  return [
    ...studies.map(({ name, sweepId, added, skipped, replaced, changed }) => {
      const parts = [
        `${counted(added, "run")} added`,
        ...(skipped > 0 ? [`${skipped} were there already`] : []),
        ...(replaced > 0 ? [`${replaced} replaced that had not ended before`] : []),
        ...(changed.length > 0
          ? [
              `${changed.length} left as they were although their source has changed (${changed.slice(0, 3).join(", ")})`,
            ]
          : []),
      ];
      return `${name}: ${parts.join(", ")}, ${url}/sweeps/${sweepId}`;
    }),
    ...left.slice(0, 20).map(({ name, reason }) => `not imported: ${name}, ${reason}`),
    ...(left.length > 20 ? [`and ${left.length - 20} further runs that could not be placed`] : []),
  ];
}
