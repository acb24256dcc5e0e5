import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Worker } from "@reprise/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { workersQuery } from "../../shared/api/queries.js";
import { count } from "../../shared/format/numbers.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState } from "../../shared/ui/states.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import classes from "./workers.module.css";

function DrainButton({ worker }: { worker: Worker }) {
  const queryClient = useQueryClient();
  const drain = useMutation({
    mutationFn: () => callApi(z.unknown(), `/workers/${worker.id}/drain`, { method: "POST" }),
    onSuccess: () =>
      notifications.show({ message: `${worker.name} finishes its runs and takes no new ones.` }),
    onError: (error) =>
      notifications.show({
        color: "red",
        title: "Not drained",
        message: `${error.message} The worker goes on as before.`,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["workers"] }),
  });
  return (
    <Button
      variant="default"
      size="xs"
      loading={drain.isPending}
      onClick={() => drain.mutate()}
      aria-label={`Drain ${worker.name}`}
    >
      Drain
    </Button>
  );
}

function WorkerCard({ worker }: { worker: Worker }) {
  return (
    <li className={classes.worker} data-gone={worker.status === "gone" || undefined}>
      <div className={classes.head}>
        <h2>{worker.name}</h2>
        <Status status={worker.status} />
        {worker.status === "ready" ? <DrainButton worker={worker} /> : null}
      </div>
      {worker.statusReason ? <p className={classes.reason}>{worker.statusReason}</p> : null}
      <dl className={classes.facts}>
        <div>
          <dt>Host</dt>
          <dd>
            {worker.host}, process {worker.pid}
          </dd>
        </div>
        <div>
          <dt>Devices</dt>
          <dd>
            {worker.devices.map((device) => `${device.name} (${device.kind} ${device.index})`).join(", ")}
          </dd>
        </div>
        <div>
          <dt>Trainers</dt>
          <dd>{worker.trainers.join(", ") || "none"}</dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>
            <When at={worker.lastSeenAt} />
          </dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>
            <When at={worker.startedAt} />
          </dd>
        </div>
      </dl>
      {worker.currentRuns.length > 0 ? (
        <ul className={classes.runs} aria-label={`Runs on ${worker.name}`}>
          {worker.currentRuns.map((run) => (
            <li key={run.runId}>
              <Link to="/runs/$runId" params={{ runId: run.runId }} className="mono">
                {run.key}
              </Link>
            </li>
          ))}
        </ul>
      ) : (
        <p className="small dim">No run at the moment.</p>
      )}
    </li>
  );
}

/** Those that work, and folded away those that have gone in the last day. */
function WorkerLists({ workers }: { workers: readonly Worker[] }) {
  const here = workers.filter(({ status }) => status !== "gone");
  const gone = workers.filter(({ status }) => status === "gone");
  return (
    <>
      {here.length > 0 ? (
        <ul className={classes.list} aria-label="Workers">
          {here.map((worker) => (
            <WorkerCard key={worker.id} worker={worker} />
          ))}
        </ul>
      ) : (
        <EmptyState title="No worker is connected now.">
          Queued runs wait until one is. Start one with <code className="mono">npx pnpm reprise worker</code>{" "}
          on this or another machine.
        </EmptyState>
      )}
      {gone.length > 0 ? (
        <details className={classes.gone} open={here.length === 0}>
          <summary>{count(gone.length, "worker")} gone in the last day</summary>
          <ul className={classes.list} aria-label="Workers that are gone">
            {gone.map((worker) => (
              <WorkerCard key={worker.id} worker={worker} />
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

/** Who trains, on what, and how they are. */
export function WorkersPage() {
  const workers = useQuery(workersQuery);
  return (
    <>
      <PageTitle
        title="Workers"
        lead="Each takes runs from the queues of the trainers it offers, one per device. A worker that is lost gives its runs back."
      />
      <QueryView query={workers} height={360} label="Loading the workers">
        {(items) =>
          items.length === 0 ? (
            <EmptyState title="No worker is connected.">
              Queued runs wait until one is. Start one with{" "}
              <code className="mono">npx pnpm reprise worker</code> on this or another machine.
            </EmptyState>
          ) : (
            <WorkerLists workers={items} />
          )
        }
      </QueryView>
    </>
  );
}
