import type { Run, Sweep, WorkerSystem } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { workersQuery } from "../../../shared/api/worker-queries.js";
import { useWidth } from "../../../shared/charts/use-width.js";
import { memorySize } from "../../../shared/format/bytes.js";
import { duration } from "../../../shared/format/time.js";
import { type ArmMark, markOf } from "../../../shared/marks/arm-marks.js";
import { useNow } from "../../../shared/ui/use-now.js";
import { useArmMarks } from "../use-arm-marks.js";
import { laneRunsQuery } from "./watch-queries.js";
import classes from "./worker-lanes.module.css";

const windowMs = 3 * 60_000;
const laneHeight = 26;
/** The start of the window moves in steps, so that its runs are not asked for anew at every tick. */
const stepMs = 30_000;

type Lane = { worker: string; runs: Run[] };

function lanesOf(runs: readonly Run[]): Lane[] {
  const lanes = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.workerName === null || run.startedAt === null) continue;
    lanes.set(run.workerName, [...(lanes.get(run.workerName) ?? []), run]);
  }
  return [...lanes]
    .map(([worker, own]) => ({ worker, runs: own }))
    .sort((a, b) => a.worker.localeCompare(b.worker, "en"));
}

function blockTitle(run: Run): string {
  return `${run.configurationLabel}, seed ${run.seed}, ${run.arm} ${run.repeat + 1}: ${run.status}${run.diverged ? ", diverged" : ""}${run.durationMs === null ? "" : `, ${duration(run.durationMs)}`}`;
}

function LaneDrawing({ lane, marks, now }: { lane: Lane; marks: readonly ArmMark[]; now: number }) {
  const { ref, width } = useWidth();
  if (width === null) return <div ref={ref} style={{ height: laneHeight }} />;
  const x = (at: number) => Math.max(0, ((at - (now - windowMs)) / windowMs) * width);
  const ended = lane.runs.filter((run) => run.status !== "running").length;
  return (
    <div ref={ref}>
      <svg
        width={width}
        height={laneHeight}
        role="img"
        aria-label={`${lane.worker}: ${ended} runs ended in the last three minutes, ${lane.runs.length - ended} running`}
        style={{ display: "block" }}
      >
        <path d={`M0 ${laneHeight - 0.5} H${width}`} className={classes.ground} />
        {lane.runs.map((run) => {
          const from = x(Date.parse(run.startedAt ?? ""));
          const to = run.endedAt ? x(Date.parse(run.endedAt)) : width;
          if (to <= 0) return null;
          const failed = run.status === "failed" || run.status === "cancelled";
          const color = markOf(marks, run.arm).color;
          return (
            <rect
              key={run.id}
              x={from + 0.5}
              y={3}
              width={Math.max(2, to - from - 1)}
              height={laneHeight - 7}
              rx={2}
              fill={failed ? "none" : color}
              fillOpacity={run.status === "running" ? 0.35 : 0.85}
              stroke={failed ? "var(--bad)" : color}
              strokeDasharray={failed ? "3 2" : undefined}
            >
              <title>{blockTitle(run)}</title>
            </rect>
          );
        })}
      </svg>
    </div>
  );
}

function NowTraining({ run }: { run: Run }) {
  const { progress } = run;
  return (
    <Link to="/runs/$runId" params={{ runId: run.id }} className={classes.nowRun}>
      <span>
        {run.configurationLabel} · seed {run.seed} · {run.arm} {run.repeat + 1}
      </span>
      {progress ? (
        <span className="num dim">
          {" "}
          {progress.done} of {progress.total} {progress.unit}
        </span>
      ) : (
        <span className="dim"> starting</span>
      )}
    </Link>
  );
}

/** The load of a worker's machine at its last heartbeat; nothing while it has told none. */
function LaneLoad({ system }: { system: WorkerSystem | undefined }) {
  if (!system) return null;
  const { hostCpuPercent, hostAvailableMemoryBytes, gpus } = system;
  const load = [
    hostCpuPercent === null ? null : `processors ${hostCpuPercent.toFixed(0)} %`,
    ...gpus.map((gpu) =>
      gpu.utilizationPercent === null ? null : `GPU ${gpu.index} ${gpu.utilizationPercent.toFixed(0)} %`,
    ),
    `${memorySize(hostAvailableMemoryBytes)} free`,
  ];
  return <span className={classes.laneLoad}>{load.filter((part) => part !== null).join(" · ")}</span>;
}

/** What every worker did in the last minutes and what it trains now, a lane each. */
export function WorkerLanes({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const now = useNow(1_000);
  const since = new Date(Math.floor((now - windowMs) / stepMs) * stepMs).toISOString();
  const query = useQuery(laneRunsQuery(sweep.id, since));
  const workers = useQuery(workersQuery);
  const machines = new Map(
    (workers.data ?? []).flatMap(({ name, status, system }) =>
      status === "gone" || system === null ? [] : [[name, system] as const],
    ),
  );
  const lanes = lanesOf(query.data ?? []);
  if (lanes.length === 0) {
    return (
      <p className="small dim">
        {sweep.status === "paused"
          ? "Paused: no worker trains a run of this sweep."
          : "No worker has taken a run yet."}
      </p>
    );
  }
  return (
    <div className={classes.lanes}>
      {lanes.map((lane) => {
        const current = lane.runs.filter((run) => run.status === "running");
        return (
          <div key={lane.worker} className={classes.lane}>
            <div className={classes.laneName}>
              <strong>{lane.worker}</strong>
              <LaneLoad system={machines.get(lane.worker)} />
            </div>
            <LaneDrawing lane={lane} marks={marks} now={now} />
            <div className={classes.laneNow}>
              {current.length === 0 ? (
                <span className="dim">idle</span>
              ) : (
                current.map((run) => <NowTraining key={run.id} run={run} />)
              )}
            </div>
          </div>
        );
      })}
      <p className={classes.laneAxis} aria-hidden>
        <span>3 min ago</span>
        <span>now</span>
      </p>
    </div>
  );
}
