import { diskWords, requirementWords, type Worker } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import { memorySize } from "../../shared/format/bytes.js";
import { loadWords } from "../../shared/format/machine.js";
import { count } from "../../shared/format/numbers.js";
import { Fault, FaultList } from "../../shared/ui/fault-list.js";
import { LastLines } from "../../shared/ui/last-lines.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import { DrainButton } from "./drain-button.js";
import classes from "./worker-card.module.css";

function deviceWords({ kind, name, index, threads, memoryBytes }: Worker["devices"][number]): string {
  const facts = [
    kind === "gpu" ? `GPU ${index}` : null,
    threads === undefined ? null : count(threads, "thread"),
    memoryBytes === undefined ? null : `${memorySize(memoryBytes)} of memory`,
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? name : `${name}: ${facts.join(", ")}`;
}

function endedWords({ succeeded, failed, cancelled, lost }: Worker["ended"]): string {
  const parts = [
    [succeeded, "succeeded"],
    [failed, "failed"],
    [cancelled, "cancelled"],
    [lost, "lost"],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, word]) => `${count(n)} ${word}`);
  return told.length === 0 ? "none yet" : told.join(", ");
}

function CurrentRun({ run }: { run: Worker["currentRuns"][number] }) {
  const { progress } = run;
  return (
    <li>
      <Link to="/runs/$runId" params={{ runId: run.runId }}>
        {run.configurationLabel}
      </Link>{" "}
      <span className="dim">
        seed {run.seed} · {run.arm} {run.repeat + 1}
        {run.sweepId ? (
          <>
            {" · "}
            <Link to="/sweeps/$sweepId" params={{ sweepId: run.sweepId }}>
              {run.sweepName}
            </Link>
          </>
        ) : null}
        {progress ? (
          <span className="num">
            {" · "}
            {count(progress.done)} of {count(progress.total)} {progress.unit}
          </span>
        ) : null}
      </span>
    </li>
  );
}

function Offers({ worker }: { worker: Worker }) {
  if (worker.offers.length === 0) return <p className="small dim">It offers no trainer.</p>;
  return (
    <ScrollRegion label={`What ${worker.name} offers`}>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">Trainer</th>
            <th scope="col">Backends that work</th>
            <th scope="col">Tasks</th>
            <th scope="col">Data sets here</th>
            <th scope="col">Locates operations</th>
          </tr>
        </thead>
        <tbody>
          {worker.offers.map((offer) => (
            <tr key={offer.name}>
              <th scope="row">
                {offer.name} <span className="dim">{offer.version}</span>
              </th>
              <td>{offer.backends.join(", ")}</td>
              <td>{offer.tasks.join(", ")}</td>
              <td>{offer.datasets === null ? "its own" : offer.datasets.join(", ") || "none"}</td>
              <td>{offer.locate ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function LeftOut({ worker }: { worker: Worker }) {
  if (worker.leftOut.length === 0) return null;
  return (
    <div className={classes.leftOut}>
      <FaultList label={`Trainers that ${worker.name} left out`}>
        {worker.leftOut.map(({ name, reason, lastLines }) => (
          <Fault key={name}>
            <p>
              <strong>Trainer {name} was left out:</strong> it {reason}. Start the worker again when that is
              fixed.
            </p>
            <LastLines lines={lastLines} />
          </Fault>
        ))}
      </FaultList>
    </div>
  );
}

/** One worker: how it is, what it does now, what it can do. */
export function WorkerCard({ worker }: { worker: Worker }) {
  const isGone = worker.status === "gone";
  const disk = isGone ? null : diskWords(worker.host, worker.system?.diskFreeBytes ?? null);
  return (
    <li className={classes.worker} data-gone={isGone || undefined}>
      <div className={classes.head}>
        <h2>{worker.name}</h2>
        <Status status={worker.status} />
        {isGone ? null : <DrainButton worker={worker} />}
      </div>
      {worker.statusReason ? (
        <p className={classes.reason}>
          <ServerText text={worker.statusReason} />
        </p>
      ) : null}
      {disk ? (
        <FaultList label={`Room on ${worker.name}`}>
          <Fault>{disk}</Fault>
        </FaultList>
      ) : null}
      {worker.currentRuns.length > 0 ? (
        <ul className={classes.runs} aria-label={`Runs on ${worker.name}`}>
          {worker.currentRuns.map((run) => (
            <CurrentRun key={run.runId} run={run} />
          ))}
        </ul>
      ) : isGone ? null : (
        <p className={`${classes.runs} dim`}>No run at the moment.</p>
      )}
      <dl className={classes.facts}>
        <div>
          <dt>Devices</dt>
          <dd>{worker.devices.map(deviceWords).join("; ")}</dd>
        </div>
        {Object.keys(worker.labels).length > 0 ? (
          <div>
            <dt>Labels</dt>
            <dd>{requirementWords(worker.labels, ", ")}</dd>
          </div>
        ) : null}
        {worker.system && !isGone ? (
          <div>
            <dt>Machine now</dt>
            <dd className="num">{loadWords(worker.system).join("; ")}</dd>
          </div>
        ) : null}
        <div>
          <dt>Executions ended here</dt>
          <dd className="num">{endedWords(worker.ended)}</dd>
        </div>
        <div>
          <dt>Host</dt>
          <dd>
            {worker.host}, process {worker.pid}
          </dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>
            <When at={worker.lastSeenAt} />
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <When at={worker.startedAt} />
          </dd>
        </div>
      </dl>
      {isGone ? null : <Offers worker={worker} />}
      {isGone ? null : <LeftOut worker={worker} />}
    </li>
  );
}
