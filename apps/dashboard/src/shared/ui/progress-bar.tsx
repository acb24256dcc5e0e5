import type { StripRun } from "@reprise/contracts";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import classes from "./progress-bar.module.css";

export type ArmProgress = {
  arm: string;
  total: number;
  succeeded: number;
  running: number;
  failed: number;
  pruned: number;
  cancelled: number;
};

/** Counts of a sweep's runs by arm, in the arms' order. */
export function armProgress(runs: readonly StripRun[], marks: readonly ArmMark[]): ArmProgress[] {
  const byArm = new Map<string, ArmProgress>(
    marks.map((mark) => [
      mark.name,
      { arm: mark.name, total: 0, succeeded: 0, running: 0, failed: 0, pruned: 0, cancelled: 0 },
    ]),
  );
  for (const run of runs) {
    const counts = byArm.get(run.arm);
    if (!counts) continue;
    counts.total += 1;
    if (run.status === "succeeded") counts.succeeded += 1;
    if (run.status === "running") counts.running += 1;
    if (run.status === "failed") counts.failed += 1;
    if (run.status === "cancelled") counts.cancelled += 1;
    if (run.status === "pruned") counts.pruned += 1;
  }
  return [...byArm.values()].filter((counts) => counts.total > 0);
}

function describe(parts: readonly ArmProgress[]): string {
  return parts
    .map((part) => {
      const failed = part.failed > 0 ? `, ${part.failed} failed` : "";
      const cancelled = part.cancelled > 0 ? `, ${part.cancelled} cancelled` : "";
      const pruned = part.pruned > 0 ? `, ${part.pruned} pruned` : "";
      return `${part.arm}: ${part.succeeded} of ${part.total} done${pruned}${failed}${cancelled}`;
    })
    .join("; ");
}

/** One bar, a segment per arm as wide as its share of the runs. */
export function ProgressBar({ parts, marks }: { parts: readonly ArmProgress[]; marks: readonly ArmMark[] }) {
  const done = parts.reduce(
    (sum, part) => sum + part.succeeded + part.failed + part.pruned + part.cancelled,
    0,
  );
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  const width = (n: number, of: number) => `${of === 0 ? 0 : (100 * n) / of}%`;
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label="Runs ended"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={describe(parts)}
      title={describe(parts)}
    >
      {parts.map((part) => (
        <span key={part.arm} className={classes.segment} style={{ flexGrow: part.total }}>
          <span
            className={classes.done}
            style={{
              width: width(part.succeeded, part.total),
              background: markOf(marks, part.arm).color,
            }}
          />
          <span
            className={classes.running}
            style={{ width: width(part.running, part.total), color: markOf(marks, part.arm).color }}
          />
          <span className={classes.pruned} style={{ width: width(part.pruned, part.total) }} />
          <span className={classes.failed} style={{ width: width(part.failed, part.total) }} />
          <span className={classes.cancelled} style={{ width: width(part.cancelled, part.total) }} />
        </span>
      ))}
    </div>
  );
}
