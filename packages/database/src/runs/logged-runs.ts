import {
  type AddedConfiguration,
  type ExistingRun,
  externalTrainer,
  type KnownRuns,
  type Labelling,
  labelling,
  type PlannedRun,
  type Run,
  type StudyLabels,
  type SweepSpec,
  sweepSpec,
} from "@reprise/contracts";
import { claimIn } from "../attempts/claim.js";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { storableText } from "../storable.js";
import {
  importedRefusal,
  type LockedSweep,
  lockSweep,
  lockSweepOfRun,
  refreshSweep,
} from "../sweeps/sweep-state.js";
import { insertRuns } from "../sweeps/sweeps.js";
import { conflict, notFound, type Transition } from "../transition.js";
import { writeConfigurationLabels } from "./configuration-labels.js";
import { runById } from "./run-json.js";

const existingRuns = (sql: Sql, sweepId: string, which = Prisma.empty) => sql.$queryRaw<ExistingRun[]>`
  SELECT key, position, configuration_key AS "configurationKey", configuration_label AS "configurationLabel", label_given AS "labelGiven",
    params, seed::float8 AS seed, arm, repeat
  FROM runs WHERE sweep_id = ${sweepId}::uuid AND purpose = 'study' ${which} ORDER BY position`;

async function isTaken(sql: Sql, sweepId: string, label: string): Promise<boolean> {
  const [found] = await sql.$queryRaw<Array<{ taken: boolean }>>`
    SELECT EXISTS (
      SELECT 1 FROM runs WHERE sweep_id = ${sweepId}::uuid AND purpose = 'study' AND configuration_label = ${storableText(label)}
    ) AS taken`;
  return found?.taken ?? false;
}

/** What adding runs of a configuration must know: not the whole study, unless the labels of others may change by it. */
async function knownRuns(
  sql: Sql,
  sweepId: string,
  { key, label, labelGiven }: AddedConfiguration,
): Promise<KnownRuns> {
  const own = await existingRuns(sql, sweepId, Prisma.sql`AND configuration_key = ${key}`);
  const [first] = own;
  if (first && (first.labelGiven || !labelGiven)) return { existing: own, label: first.configurationLabel };
  if (!first && label !== null && !(await isTaken(sql, sweepId, label))) return { existing: [], label };
  return { existing: await existingRuns(sql, sweepId), label: null };
}

function refusalOf(sweep: LockedSweep): string | null {
  if (sweep.imported) return importedRefusal;
  return sweep.cancelRequested ? "This study was cancelled." : null;
}

/** Why none of its runs can begin now: a study that is paused takes new runs only to hold them. */
const startRefusal = (sweep: LockedSweep) =>
  refusalOf(sweep) ?? (sweep.paused ? "This study is paused." : null);

/**
 * Who trains an attempt from outside, and how long it may be silent: as long as it says, else as its study says, else the server's
 * own time.
 */
export type Outsider = { by: string; leaseMs: number | null; serverLeaseMs: number };

async function leaseOf(sql: Sql, runId: string, { leaseMs, serverLeaseMs }: Outsider): Promise<number> {
  if (leaseMs !== null) return leaseMs;
  const { sweep } = await sql.run.findUniqueOrThrow({
    where: { id: runId },
    select: { sweep: { select: { spec: true } } },
  });
  const seconds = sweep && sweepSpec.parse(sweep.spec).leaseSeconds;
  return seconds ? seconds * 1000 : serverLeaseMs;
}

async function start(
  sql: Sql,
  { id: runId, attempt: last }: { id: string; attempt: number },
  outsider: Outsider,
  series?: "kept",
): Promise<Run> {
  const attempt = last + 1;
  const leaseMs = await leaseOf(sql, runId, outsider);
  const claimed = await claimIn(sql, {
    runId,
    attempt,
    workerId: null,
    workerName: outsider.by,
    leaseMs,
    ...(series ? { series } : {}),
  });
  if (!claimed.ok) throw new Error(`Run ${runId} could not be started: ${claimed.reason}`);
  return claimed.run;
}

/** What is told of a run that was trained unasked. */
export type LoggedDetails = { startedAt: Date | null; tags: readonly string[]; notes: string };

async function addDetails(
  sql: Sql,
  { id: runId, startedAt: announcedAt }: Pick<Run, "id" | "startedAt">,
  { startedAt, tags, notes }: LoggedDetails,
): Promise<Run> {
  // A clock that goes a little fast must not make a start after the announcement.
  const isEarlier = startedAt !== null && (announcedAt === null || startedAt < new Date(announcedAt));
  const begun = isEarlier ? { startedAt } : {};
  await sql.run.updateMany({
    where: { id: runId },
    data: { planned: false, tags: tags.map(storableText), notes: storableText(notes), ...begun },
  });
  if (isEarlier) await sql.attempt.updateMany({ where: { runId, number: 1 }, data: begun });
  return runById(sql, runId);
}

/**
 * Adds logged or asked-for runs to a study, at its end and in the order given, and starts the first where nobody else
 * trains it.
 *
 * @param plan the runs, from the study's spec and what it has; what it throws is thrown, and nothing is written
 */
export function addLoggedRuns(
  db: Database,
  input: {
    sweepId: string;
    deviceClass: "cpu" | "gpu";
    /** Who trains the first; null where workers do. */
    outsider: Outsider | null;
    /** Of the run that is started, where nobody had planned it. */
    details: LoggedDetails | null;
    /** Of the request that asks for the runs; absent where that is not traced. */
    traceparent?: string | null;
    plan: (spec: SweepSpec, known: KnownRuns) => PlannedRun[];
    configuration: (spec: SweepSpec, labelling: Labelling | null) => AddedConfiguration;
    /** The labels of all configurations, once these runs are among them. */
    labels: (runs: readonly ExistingRun[]) => StudyLabels;
  },
): Promise<Transition<{ added: string[]; started: Run | null }>> {
  const { sweepId, deviceClass, traceparent } = input;
  return inTransaction(db, async (sql): Promise<Transition<{ added: string[]; started: Run | null }>> => {
    const locked = await lockSweep(sql, sweepId);
    if (!locked) return notFound("sweep", sweepId);
    const refusal = input.outsider ? startRefusal(locked) : refusalOf(locked);
    if (refusal !== null) return conflict(refusal);
    const row = await sql.sweep.findUniqueOrThrow({
      where: { id: sweepId },
      select: { spec: true, labelling: true },
    });
    const spec = sweepSpec.parse(row.spec);
    const known = await knownRuns(
      sql,
      sweepId,
      input.configuration(spec, labelling.nullable().parse(row.labelling)),
    );
    const planned = input.plan(spec, known);
    const keys = new Set(known.existing.map(({ key }) => key));
    const twice = planned.find(({ key }) => keys.has(key));
    if (twice) {
      return conflict(
        `The study has repeat ${twice.repeat} of this configuration with seed ${twice.seed} in arm ${twice.arm} already.`,
      );
    }
    const { _max: last } = await sql.run.aggregate({
      where: { sweepId, purpose: "study" },
      _max: { position: true },
    });
    const next = (last.position ?? -1) + 1;
    await insertRuns(
      sql,
      { id: sweepId, deviceClass, spec, traceparent },
      planned.map((run, index) => ({ ...run, position: next + index })),
    );
    if (known.label === null) {
      await writeConfigurationLabels(sql, sweepId, input.labels([...known.existing, ...planned]));
    }
    const rows = await sql.run.findMany({
      where: { sweepId, purpose: "study", position: { gte: next } },
      orderBy: { position: "asc" },
      select: { id: true, attempt: true },
    });
    const [first] = rows;
    const begun = input.outsider && first ? await start(sql, first, input.outsider) : null;
    const started = begun && input.details ? await addDetails(sql, begun, input.details) : begun;
    if (!started) {
      const event = await refreshSweep(sql, sweepId);
      await notifyControl(sql, [{ type: "runs-queued" }]);
      await writeLiveEvents(sql, [event]);
    }
    return { ok: true, value: { added: rows.map(({ id }) => id), started } };
  });
}

/** Hands out the next queued run of a study that is trained elsewhere, in the recorded order; each run to one asker. */
export function askNext(db: Database, sweepId: string, outsider: Outsider): Promise<Transition<Run>> {
  return inTransaction(db, async (sql): Promise<Transition<Run>> => {
    const sweep = await lockSweep(sql, sweepId);
    if (!sweep) return notFound("sweep", sweepId);
    const refusal = startRefusal(sweep);
    if (refusal !== null) return conflict(refusal);
    const next = await sql.run.findFirst({
      where: { sweepId, status: "queued", purpose: "study", trainer: externalTrainer },
      orderBy: [{ position: "asc" }, { id: "asc" }],
      select: { id: true, attempt: true },
    });
    if (!next) return conflict("No planned run of this study is left to train.");
    return { ok: true, value: await start(sql, next, outsider) };
  });
}

/**
 * Begins the next attempt of a run that is trained elsewhere, which goes on from what was reported: a value reported again
 * supersedes. An attempt that is still running is lost by this, and its later reports are stale.
 */
export function beginAttempt(db: Database, runId: string, outsider: Outsider): Promise<Transition<Run>> {
  return inTransaction(db, async (sql): Promise<Transition<Run>> => {
    const sweep = await lockSweepOfRun(sql, runId);
    const [run] = await sql.$queryRaw<Array<Pick<Run, "id" | "status" | "purpose" | "trainer" | "attempt">>>`
      SELECT id, status::text AS status, purpose::text AS purpose, trainer, attempt
      FROM runs WHERE id = ${runId}::uuid FOR NO KEY UPDATE`;
    if (!run) return notFound("run", runId);
    if (run.trainer !== externalTrainer || run.purpose !== "study") {
      return conflict("This run is trained by workers: retry it, and a worker begins its next attempt.");
    }
    const refusal = sweep && startRefusal(sweep);
    if (refusal) return conflict(refusal);
    if (run.status === "succeeded") {
      return conflict("The run has succeeded: log another repeat instead of changing its result.");
    }
    if (run.status === "running") {
      const error = {
        kind: "infrastructure",
        message: `Attempt ${run.attempt + 1} was begun by ${outsider.by} while this one was running: it is lost.`,
        hint: null,
      };
      await sql.$executeRaw`
        UPDATE attempts SET status = 'lost', ended_at = clock_timestamp(), error = ${JSON.stringify(error)}::jsonb
        WHERE run_id = ${runId}::uuid AND number = ${run.attempt}::int`;
    }
    await sql.run.update({
      where: { id: runId },
      data: { status: "queued", cancelRequestedAt: null, digest: null, selectedEpoch: null },
    });
    return { ok: true, value: await start(sql, run, outsider, "kept") };
  });
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
