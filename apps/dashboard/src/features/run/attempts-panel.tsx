import type { RunDetail } from "@reprise/contracts";
import { duration } from "../../shared/format/time.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { EmptyState } from "../../shared/ui/states.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";

/** Every execution of the run; a retry after a crash is a new attempt of the same run. */
export function AttemptsPanel({ run }: { run: RunDetail }) {
  if (run.attempts.length === 0) {
    return (
      <EmptyState title="No attempt yet.">
        A worker makes the first when it takes the run from the queue.
      </EmptyState>
    );
  }
  return (
    <Section title="How often was it tried?">
      <ScrollRegion label="Attempts">
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">Attempt</th>
              <th scope="col">Status</th>
              <th scope="col">Worker</th>
              <th scope="col">Started</th>
              <th scope="col">Time</th>
              <th scope="col">What happened</th>
            </tr>
          </thead>
          <tbody>
            {run.attempts.map((attempt) => (
              <tr key={attempt.number}>
                <td>{attempt.number}</td>
                <td>
                  <Status status={attempt.status} />
                </td>
                <td>{attempt.workerName ?? "–"}</td>
                <td>
                  <When at={attempt.startedAt} />
                </td>
                <td>
                  {attempt.endedAt
                    ? duration(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt))
                    : "–"}
                </td>
                <td>{attempt.error ? <ServerText text={attempt.error.message} /> : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}
