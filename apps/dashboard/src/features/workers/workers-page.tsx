import type { Worker } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { workersQuery } from "../../shared/api/worker-queries.js";
import { count } from "../../shared/format/numbers.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState } from "../../shared/ui/states.js";
import { AddWorker } from "./add-worker.js";
import { WorkerCard } from "./worker-card.js";
import classes from "./workers-page.module.css";

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
        <EmptyState title="No worker is connected.">
          Queued runs wait until one is. Start one with <code className="mono">npx pnpm reprise worker</code>,
          on this or another machine, as told below.
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
      <AddWorker />
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
        lead="Each takes runs from the queues of the trainers it offers, one per device. The runs of a lost worker go back to the queue."
      />
      <QueryView query={workers} height={360} label="Loading the workers">
        {(items) => <WorkerLists workers={items} />}
      </QueryView>
    </>
  );
}
