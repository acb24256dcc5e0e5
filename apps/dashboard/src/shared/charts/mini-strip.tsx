import type { StripRun } from "@reprise/contracts";
import { digestMarks } from "../marks/digest-marks.js";
import { stripRows } from "./strip-layout.js";

const width = 176;
const height = 48;
const gap = 1;

/** A digest strip as a thumbnail of fixed size; lone digests are paler, as they are textured in the large one. */
export function MiniStrip({
  runs,
  arms,
  name,
}: {
  runs: readonly StripRun[];
  arms: readonly string[];
  name: string;
}) {
  const rows = stripRows(runs, arms);
  const columns = Math.max(1, ...rows.map((row) => row.runs.length));
  const visible = rows.slice(0, 12);
  const size = Math.max(
    2,
    Math.min(
      9,
      Math.floor((width - arms.length * 4) / columns) - gap,
      Math.floor(height / visible.length) - gap,
    ),
  );
  const equal = rows.filter((row) => {
    const first = row.runs.filter((run) => run.arm === arms[0] && run.digest && !run.diverged);
    return first.length > 1 && new Set(first.map((run) => run.digest)).size === 1;
  }).length;
  const diverged = runs.filter((run) => run.diverged).length;
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`Digests of ${name}: ${equal} of ${rows.length} rows have one digest in arm ${arms[0] ?? ""}${diverged > 0 ? `; ${diverged} runs diverged` : ""}`}
      style={{ display: "block" }}
    >
      {visible.map((row, index) => {
        const marks = digestMarks(row.runs.map((run) => run.digest));
        return row.runs.map((run, column) => {
          const mark = run.digest ? marks.get(run.digest) : undefined;
          const failed = run.status === "failed";
          return (
            <rect
              key={run.id}
              x={column * (size + gap) + Math.max(0, arms.indexOf(run.arm)) * 4}
              y={index * (size + gap)}
              width={size}
              height={size}
              rx={size > 4 ? 1.5 : 0}
              fill={
                failed ? "var(--bad)" : run.diverged ? "var(--attention)" : (mark?.color ?? "var(--rule)")
              }
              fillOpacity={mark && mark.shared === 1 && !run.diverged ? 0.6 : 1}
            />
          );
        });
      })}
    </svg>
  );
}
