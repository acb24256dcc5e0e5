import { useInViewport } from "@mantine/hooks";
import { armsOf, endedRuns, type Sweep } from "@reprise/contracts";
import { IconAlertTriangle, IconHourglass } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { stripQuery } from "../../shared/api/sweep-queries.js";
import { MiniStrip } from "../../shared/charts/mini-strip.js";
import { count } from "../../shared/format/numbers.js";
import { duration, roughly } from "../../shared/format/time.js";
import { armMarks } from "../../shared/marks/arm-marks.js";
import { armProgress, ProgressBar } from "../../shared/ui/progress-bar.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import { CardVerdicts } from "./card-verdicts.js";
import classes from "./sweep-card.module.css";

function time(sweep: Sweep): string {
  if (sweep.startedAt && sweep.endedAt) {
    return `took ${duration(Date.parse(sweep.endedAt) - Date.parse(sweep.startedAt))}`;
  }
  return sweep.estimatedRemainingMs === null ? "" : `${roughly(sweep.estimatedRemainingMs)} left`;
}

/** What a reader of the list must see: runs that failed, and those that are still to come. */
function Outcomes({ sweep: { runCounts, status } }: { sweep: Sweep }) {
  const pending = status === "cancelled" ? 0 : runCounts.queued + runCounts.running;
  if (runCounts.failed + pending === 0) return null;
  return (
    <p className={classes.outcomes}>
      {runCounts.failed > 0 ? <Count of="failed" runs={runCounts.failed} /> : null}
      {pending > 0 ? <Count of="pending" runs={pending} /> : null}
    </p>
  );
}

function Count({ of, runs }: { of: "failed" | "pending"; runs: number }) {
  const Icon = of === "failed" ? IconAlertTriangle : IconHourglass;
  return (
    <span data-of={of}>
      <Icon size={14} stroke={1.8} aria-hidden /> {count(runs)} {of}
    </span>
  );
}

/** `ofStudy`: it stands under the study that it is a part of. */
export function SweepCard({ sweep, ofStudy = false }: { sweep: Sweep; ofStudy?: boolean }) {
  const { ref, inViewport } = useInViewport<HTMLLIElement>();
  const marks = armMarks(armsOf(sweep.spec));
  const open = sweep.status === "running" || sweep.status === "queued";
  const strip = useQuery({
    ...stripQuery(sweep.id),
    enabled: inViewport,
    staleTime: open ? 2_000 : 60_000,
    refetchInterval: open && inViewport ? 3_000 : false,
  });
  const { runCounts } = sweep;
  const done = endedRuns(runCounts);

  return (
    <li ref={ref} className={classes.card} data-of-study={ofStudy || undefined}>
      <div className={classes.name}>
        <h2>
          <Link to="/sweeps/$sweepId" params={{ sweepId: sweep.id }} className={classes.link}>
            {sweep.name}
          </Link>
        </h2>
        <p className="small dim">
          {sweep.spec.dataset.name} · {sweep.spec.trainer} · {count(sweep.totalRuns, "run")} ·{" "}
          <When at={sweep.createdAt} />
        </p>
      </div>
      <div className={classes.strip}>
        {strip.data ? (
          <MiniStrip runs={strip.data} arms={marks.map((mark) => mark.name)} name={sweep.name} />
        ) : null}
      </div>
      <div className={classes.state}>
        <p className={classes.stateLine}>
          <Status
            status={sweep.status}
            divergedRuns={strip.data?.filter(({ diverged }) => diverged).length}
          />
          <span className="small dim num">
            {count(done)} / {count(sweep.totalRuns)}
            {runCounts.pruned > 0 ? ` · ${runCounts.pruned} pruned` : ""}
          </span>
        </p>
        <Outcomes sweep={sweep} />
        <ProgressBar parts={strip.data ? armProgress(strip.data, marks) : []} marks={marks} />
        <p className="small dim num">{time(sweep)}</p>
      </div>
      <CardVerdicts sweep={sweep} open={open} inView={inViewport} />
    </li>
  );
}
