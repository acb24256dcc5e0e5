import type { RunDetail } from "@reprise/contracts";
import classes from "./run-progress.module.css";

/** How far a running run is. */
export function RunProgress({ run }: { run: Pick<RunDetail, "status" | "progress"> }) {
  if (run.status !== "running" || !run.progress) return null;
  const { done, total, unit } = run.progress;
  return (
    <div className={classes.progress}>
      <div
        role="progressbar"
        aria-label="Training progress"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        className={classes.track}
      >
        <span style={{ width: `${total > 0 ? (100 * done) / total : 0}%` }} />
      </div>
      <span className="small dim num">
        {done} of {total} {unit}
      </span>
    </div>
  );
}
