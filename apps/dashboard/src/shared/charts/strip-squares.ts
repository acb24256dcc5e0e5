import { shortDigest } from "../marks/digest-marks.js";
import type { PlacedRow, PlacedSquare } from "./strip-layout.js";

function digestWords({ run, mark }: PlacedSquare): string {
  if (run.diverged) {
    const { key, step } = run.diverged;
    return `${run.status}, diverged: ${key} is not finite${step === null ? "" : ` from step ${step}`}`;
  }
  if (run.status !== "succeeded") return run.status;
  if (!run.digest || !mark) return "ended without a digest";
  const others = mark.shared - 1;
  const alike = others === 0 ? "shared with no other run of its row" : `equal to ${others} more of its row`;
  return `digest ${mark.letter} ${shortDigest(run.digest)}, ${alike}`;
}

/** The run in words: "Adam 0.01, seed 0, free 3, digest C 1f2e3d4c, shared with no other run of its row". */
export function squareName(square: PlacedSquare, configuration: string): string {
  const { run } = square;
  return `${configuration}, seed ${run.seed}, ${run.arm} ${run.repeat + 1}: ${digestWords(square)}${run.excluded ? ", excluded" : ""}${run.departures > 0 ? ", not run as requested" : ""}`;
}

export function neighbour(rows: readonly PlacedRow[], id: string, key: string): string | null {
  const rowIndex = rows.findIndex((row) => row.squares.some((square) => square.run.id === id));
  const row = rows[rowIndex];
  const index = row?.squares.findIndex((square) => square.run.id === id) ?? -1;
  const here = row?.squares[index];
  if (!row || !here) return null;
  if (key === "Home") return row.squares[0]?.run.id ?? null;
  if (key === "End") return row.squares.at(-1)?.run.id ?? null;
  if (key === "ArrowLeft") return row.squares[index - 1]?.run.id ?? null;
  if (key === "ArrowRight") return row.squares[index + 1]?.run.id ?? null;
  const next = rows[key === "ArrowUp" ? rowIndex - 1 : key === "ArrowDown" ? rowIndex + 1 : -1];
  if (!next) return null;
  const nearest = [...next.squares].sort((a, b) => Math.abs(a.x - here.x) - Math.abs(b.x - here.x))[0];
  return nearest?.run.id ?? null;
}
