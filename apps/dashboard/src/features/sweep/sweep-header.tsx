import type { Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { stripQuery } from "../../shared/api/queries.js";
import { count } from "../../shared/format/numbers.js";
import { duration, roughly } from "../../shared/format/time.js";
import { LiveIndicator } from "../../shared/live/live-indicator.js";
import type { LiveState } from "../../shared/live/use-live-events.js";
import type { ArmMark } from "../../shared/marks/arm-marks.js";
import { DigestChip } from "../../shared/ui/digest-chip.js";
import { armProgress, ProgressBar } from "../../shared/ui/progress-bar.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import classes from "./sweep.module.css";
import { SweepActions } from "./sweep-actions.js";

function timeWords(sweep: Sweep): string {
  if (sweep.endedAt && sweep.startedAt) {
    return `took ${duration(Date.parse(sweep.endedAt) - Date.parse(sweep.startedAt))}`;
  }
  if (sweep.status === "paused") return "held";
  return sweep.estimatedRemainingMs === null ? "" : `${roughly(sweep.estimatedRemainingMs)} left`;
}

/** Name, state, progress and actions: one line that stays in view. */
export function SweepHeader({
  sweep,
  marks,
  live,
}: {
  sweep: Sweep;
  marks: readonly ArmMark[];
  live: LiveState;
}) {
  const strip = useQuery(stripQuery(sweep.id));
  const { succeeded, failed, cancelled } = sweep.runCounts;
  return (
    <header className={classes.header}>
      <h1 className={classes.name} title={sweep.name}>
        {sweep.name}
      </h1>
      <Status status={sweep.status} />
      <div className={classes.progress}>
        <ProgressBar parts={armProgress(strip.data ?? [], marks)} marks={marks} />
      </div>
      <p className={classes.counts}>
        <span>
          {count(succeeded + failed + cancelled)} / {count(sweep.totalRuns)} ended
        </span>
        {failed > 0 ? <span className={classes.failed}>{count(failed)} failed</span> : null}
        <span className="dim">{timeWords(sweep)}</span>
      </p>
      <LiveIndicator state={live} />
      <SweepActions sweep={sweep} />
    </header>
  );
}

/** What the sweep is made of, under the header. */
export function SweepFacts({ sweep }: { sweep: Sweep }) {
  const { spec } = sweep;
  return (
    <>
      {sweep.blockedReason ? (
        <p className={classes.blocked} role="status">
          <strong>Queued runs do not start:</strong> {sweep.blockedReason}
        </p>
      ) : null}
      <dl className={classes.facts}>
        <div>
          <dt>Data set</dt>
          <dd>{spec.dataset.name}</dd>
        </div>
        <div>
          <dt>Trainer</dt>
          <dd>{spec.trainer}</dd>
        </div>
        <div>
          <dt>Seeds</dt>
          <dd className="num">{spec.seeds.length > 6 ? count(spec.seeds.length) : spec.seeds.join(", ")}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <When at={sweep.createdAt} />
          </dd>
        </div>
        <div>
          <dt>Spec</dt>
          <dd>
            <DigestChip digest={sweep.specDigest} copy />
          </dd>
        </div>
        {sweep.tags.length > 0 ? (
          <div>
            <dt>Tags</dt>
            <dd>{sweep.tags.join(", ")}</dd>
          </div>
        ) : null}
      </dl>
      {spec.description ? <p className={classes.description}>{spec.description}</p> : null}
    </>
  );
}
