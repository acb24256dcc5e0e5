import { type Attempt, type Run, runError } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import type { Prisma } from "../generated/client.js";

const isoOrNull = (date: Date | null) => date?.toISOString() ?? null;
export function toAttempt(row: Prisma.AttemptGetPayload<object>): Attempt {
  return {
    number: row.number,
    status: row.status,
    workerName: row.workerName,
    startedAt: row.startedAt.toISOString(),
    endedAt: isoOrNull(row.endedAt),
    error: runError.nullable().parse(row.error),
  };
}

/** The event that tells of a run's state. */
export function runEvent(run: {
  id: string;
  sweepId: string | null;
  status: Run["status"];
  attempt: number;
  digest: string | null;
}) {
  return {
    type: "run" as const,
    sweepId: run.sweepId,
    runId: run.id,
    status: run.status,
    attempt: run.attempt,
    digest: run.digest,
  };
}

export const runEventFields = { id: true, sweepId: true, status: true, attempt: true, digest: true } as const;

/** The event that tells of the state that a run has now. */
export async function eventOfRun(sql: Sql, id: string) {
  return runEvent(await sql.run.findUniqueOrThrow({ where: { id }, select: runEventFields }));
}
