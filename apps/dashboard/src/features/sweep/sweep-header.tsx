import { useIntersection } from "@mantine/hooks";
import { endedRuns, type Sweep } from "@reprise/contracts";
import { IconPackageImport } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { stripQuery } from "../../shared/api/sweep-queries.js";
import { count } from "../../shared/format/numbers.js";
import { duration, roughly } from "../../shared/format/time.js";
import { LiveIndicator } from "../../shared/live/live-indicator.js";
import type { LiveState } from "../../shared/live/use-live-events.js";
import { armProgress, ProgressBar } from "../../shared/ui/progress-bar.js";
import { Status } from "../../shared/ui/status.js";
import { useNarrow } from "../../shared/ui/use-narrow.js";
import { When } from "../../shared/ui/when.js";
import { SweepActions } from "./sweep-actions.js";
import classes from "./sweep-header.module.css";
import { useArmMarks } from "./use-arm-marks.js";

function timeWords(sweep: Sweep): string {
  if (sweep.endedAt && sweep.startedAt) {
    return `took ${duration(Date.parse(sweep.endedAt) - Date.parse(sweep.startedAt))}`;
  }
  if (sweep.status === "paused") return "paused";
  return sweep.estimatedRemainingMs === null ? "" : `${roughly(sweep.estimatedRemainingMs)} left`;
}

/** Name, state, progress and actions: one line that stays in view. */
export function SweepHeader({ sweep, live }: { sweep: Sweep; live: LiveState }) {
  const marks = useArmMarks(sweep);
  const strip = useQuery(stripQuery(sweep.id));
  const diverged = strip.data?.filter((run) => run.diverged).length;
  const ended = endedRuns(sweep.runCounts);
  const { succeeded, cancelled, failed, pruned } = sweep.runCounts;
  const { ref, entry } = useIntersection<HTMLElement>();
  const away = entry !== null && !entry.isIntersecting;
  return (
    <>
      {/* On a narrow screen the header scrolls away, and one line of it stays. */}
      {away ? (
        <div className={classes.bar} aria-hidden>
          <strong>{sweep.name}</strong>
          <Status status={sweep.status} divergedRuns={diverged} />
          <span className="num">
            {count(ended)} / {count(sweep.totalRuns)}
          </span>
        </div>
      ) : null}
      <header ref={ref} className={classes.header}>
        <h1 className={classes.name} title={sweep.name}>
          {sweep.name}
        </h1>
        <Status status={sweep.status} divergedRuns={diverged} />
        <div className={classes.progress}>
          <ProgressBar parts={armProgress(strip.data ?? [], marks)} marks={marks} />
        </div>
        <p className={classes.counts}>
          <span>
            {cancelled > 0
              ? `${count(succeeded)} trained, ${count(cancelled)} cancelled`
              : `${count(ended)} / ${count(sweep.totalRuns)} ended`}
          </span>
          {pruned > 0 ? <span className="dim">{count(pruned)} pruned</span> : null}
          {failed > 0 ? <span className={classes.failed}>{count(failed)} failed</span> : null}
          <span className="dim">{timeWords(sweep)}</span>
        </p>
        <LiveIndicator state={live} />
        <SweepActions sweep={sweep} />
      </header>
    </>
  );
}

/** What the sweep is made of, in one line under the header, and why it may stand still. */
export function SweepFacts({ sweep }: { sweep: Sweep }) {
  const { spec, imported } = sweep;
  const seeds = spec.design
    ? `up to ${spec.design.maxSeeds} seeds, one block after another`
    : spec.seeds.length > 6
      ? count(spec.seeds.length, "seed")
      : `seeds ${spec.seeds.join(", ")}`;
  const narrow = useNarrow();
  const facts = (
    <ul className={classes.facts} aria-label="About this sweep">
      <li>{spec.dataset.name}</li>
      <li>{spec.trainer}</li>
      <li className="num">{spec.seeds.length === 1 && !spec.design ? `seed ${spec.seeds[0]}` : seeds}</li>
      <li>
        created <When at={sweep.createdAt} />
      </li>
      {sweep.tags.length > 0 ? <li>{sweep.tags.join(", ")}</li> : null}
    </ul>
  );
  const description = spec.description ? <p className={classes.description}>{spec.description}</p> : null;
  return (
    <>
      {sweep.blockedReason ? (
        <p className={classes.blocked} role="status">
          <strong>Queued runs do not start:</strong> {sweep.blockedReason}
        </p>
      ) : null}
      {narrow ? (
        <details className={classes.folded}>
          <summary>About this sweep</summary>
          {facts}
          {description}
        </details>
      ) : (
        facts
      )}
      {imported ? (
        <p className={classes.imported}>
          <span className={classes.badge}>
            <IconPackageImport size={14} stroke={1.8} aria-hidden /> imported
          </span>
          <span>
            Read from an archive of {imported.software} <When at={imported.at} />. Digests and figures were
            checked on the way in; its runs were trained elsewhere and can be verified here, but none is
            queued or changed.
          </span>
        </p>
      ) : null}
      {narrow ? null : description}
    </>
  );
}
