import {
  type ExistingRun,
  externalTrainer,
  type PlannedRun,
  type Run,
  type SweepSpec,
  sweepSpec,
} from "@reprise/contracts";
import type { AttemptRef } from "../attempts/attempt-lock.js";
import { claimIn } from "../attempts/claim.js";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { storableText } from "../storable.js";
import { importedRefusal, type LockedSweep, lockSweep, refreshSweep } from "../sweeps/sweep-state.js";
import { insertRuns } from "../sweeps/sweeps.js";
import { conflict, notFound, type Transition } from "../transition.js";

async function existingRuns(sql: Sql, sweepId: string): Promise<ExistingRun[]> {
  const rows = await sql.$queryRaw<ExistingRun[]>`
    SELECT key, position, configuration_key AS "configurationKey", configuration_label AS "configurationLabel",
      params, seed::float8 AS seed, arm, repeat
    FROM runs WHERE sweep_id = ${sweepId}::uuid AND purpose = 'study' ORDER BY position`;
  return rows;
}

function refusalOf(sweep: LockedSweep): string | null {
  if (sweep.imported) return importedRefusal;
  return sweep.cancelRequested ? "This study was cancelled." : null;
}

async function start(sql: Sql, runId: string, attempt: number, by: string): Promise<Run> {
  const claimed = await claimIn(sql, { runId, attempt, workerId: null, workerName: by, leaseMs: null });
  if (!claimed.ok) throw new Error(`Run ${runId} could not be started: ${claimed.reason}`);
  return claimed.run;
}

async function addDetails(
  sql: Sql,
  runId: string,
  { startedAt, tags, notes }: { startedAt: Date | null; tags: readonly string[]; notes: string },
): Promise<void> {
  const begun = startedAt ? { startedAt } : {};
  await sql.run.update({
    where: { id: runId },
    data: { tags: tags.map(storableText), notes: storableText(notes), ...begun },
  });
  await sql.attempt.updateMany({ where: { runId, number: 1 }, data: begun });
}

/**
 * Adds logged or asked-for runs to a study, at its end and in the order given, and starts the first where nobody else
 * trains it.
 *
 * @param plan the runs, from the study's spec and what it has; what it throws is thrown, and nothing is written
 * @param by whose runs they are
 */
export function addLoggedRuns(
  db: Database,
  input: {
    sweepId: string;
    deviceClass: "cpu" | "gpu";
    by: string;
    startFirst: boolean;
    /** Of the run that is started. */
    details: { startedAt: Date | null; tags: readonly string[]; notes: string } | null;
    plan: (spec: SweepSpec, existing: readonly ExistingRun[]) => PlannedRun[];
  },
): Promise<Transition<{ added: string[]; started: Run | null }>> {
  const { sweepId, deviceClass } = input;
  return inTransaction(db, async (sql): Promise<Transition<{ added: string[]; started: Run | null }>> => {
    const locked = await lockSweep(sql, sweepId);
    if (!locked) return notFound("sweep", sweepId);
    const refusal = refusalOf(locked);
    if (refusal !== null) return conflict(refusal);
    const row = await sql.sweep.findUniqueOrThrow({ where: { id: sweepId }, select: { spec: true } });
    const spec = sweepSpec.parse(row.spec);
    const existing = await existingRuns(sql, sweepId);
    const planned = input.plan(spec, existing);
    const keys = new Set(existing.map(({ key }) => key));
    const twice = planned.find(({ key }) => keys.has(key));
    if (twice) {
      return conflict(
        `The study has repeat ${twice.repeat} of this configuration with seed ${twice.seed} in arm ${twice.arm} already.`,
      );
    }
    const next = (existing.at(-1)?.position ?? -1) + 1;
    await insertRuns(
      sql,
      { id: sweepId, deviceClass, spec },
      planned.map((run, index) => ({ ...run, position: next + index })),
    );
    const rows = await sql.run.findMany({
      where: { sweepId, purpose: "study", position: { gte: next } },
      orderBy: { position: "asc" },
      select: { id: true },
    });
    const [first] = rows;
    const started = input.startFirst && first ? await start(sql, first.id, 1, input.by) : null;
    if (started && input.details) await addDetails(sql, started.id, input.details);
    if (!started) {
      const event = await refreshSweep(sql, sweepId);
      await notifyControl(sql, [{ type: "runs-queued" }]);
      await writeLiveEvents(sql, [event]);
    }
    return { ok: true, value: { added: rows.map(({ id }) => id), started } };
  });
}

/** Hands out the next queued run of a study that is trained elsewhere, in the recorded order; each run to one asker. */
export function askNext(db: Database, sweepId: string, by: string): Promise<Transition<Run>> {
  return inTransaction(db, async (sql): Promise<Transition<Run>> => {
    const sweep = await lockSweep(sql, sweepId);
    if (!sweep) return notFound("sweep", sweepId);
    const refusal = refusalOf(sweep) ?? (sweep.paused ? "This study is paused." : null);
    if (refusal !== null) return conflict(refusal);
    const next = await sql.run.findFirst({
      where: { sweepId, status: "queued", purpose: "study", trainer: externalTrainer },
      orderBy: [{ position: "asc" }, { id: "asc" }],
      select: { id: true, attempt: true },
    });
    if (!next) return conflict("No planned run of this study is left to train.");
    return { ok: true, value: await start(sql, next.id, next.attempt + 1, by) };
  });
}

/** The attempt of a run that is being trained elsewhere, for what is reported of it. A conflict for any other run. */
export async function loggedAttempt(db: Database, runId: string): Promise<Transition<AttemptRef>> {
  const run = await db.prisma.run.findUnique({
    where: { id: runId },
    select: { trainer: true, status: true, attempt: true, fencingToken: true },
  });
  if (!run) return notFound("run", runId);
  if (run.trainer !== externalTrainer) {
    return conflict("This run is trained by a worker, which reports it: nothing can be logged for it.");
  }
  if (run.status !== "running" || run.fencingToken === null) {
    return conflict(`The run is ${run.status}: only a running one takes reports.`);
  }
  return { ok: true, value: { runId, attempt: run.attempt, token: run.fencingToken } };
}

/** Cancels runs that are being trained elsewhere, at once: there is no worker to stop. The caller holds the sweep's lock. */
export async function cancelLoggedRuns(
  sql: Sql,
  which: { sweepId: string } | { runId: string },
): Promise<void> {
  const chosen =
    "runId" in which
      ? Prisma.sql`r.id = ${which.runId}::uuid`
      : Prisma.sql`r.sweep_id = ${which.sweepId}::uuid AND r.purpose = 'study'`;
  await sql.$executeRaw`
    WITH ended AS (
      UPDATE runs r SET status = 'cancelled', ended_at = now(), cancel_requested_at = now(), fencing_token = NULL
      WHERE ${chosen} AND r.status = 'running' AND r.trainer = ${externalTrainer}
      RETURNING r.id, r.attempt
    )
    UPDATE attempts a SET status = 'cancelled', ended_at = now()
    FROM ended WHERE a.run_id = ended.id AND a.number = ended.attempt`;
}
