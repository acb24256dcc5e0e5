import {
  decodeNumber,
  externalTrainer,
  type LoggedEnd,
  type LoggedMetrics,
  type LoggedRun,
  type Run,
  type Sweep,
  sweepSpec,
} from "@reprise/contracts";
import {
  type AttemptRef,
  addLoggedRuns,
  createSweep,
  type Database,
  finishAttempt,
  getRun,
  getSweep,
  loggedAttempt,
  recordEnvironment,
  writeBatch,
} from "@reprise/database";
import { describeMetric, planLoggedRun, SweepDesignError, specDigest } from "@reprise/study";
import { found, problem, transitioned } from "../http/problems.js";

/** What a plan refuses, as a problem document. */
export function asProblem(error: unknown): never {
  if (!(error instanceof SweepDesignError)) throw error;
  throw problem("invalid-request", 'The run does not fit the study; see "errors".', { errors: error.errors });
}

/** The study that a run begins when it names none: both modes, no plan. */
async function beginStudy(db: Database, { name, dataset }: LoggedRun): Promise<Sweep> {
  const spec = sweepSpec.parse({
    name: name ?? "Logged runs",
    trainer: externalTrainer,
    dataset: dataset ?? "unnamed",
    search: { method: "external" },
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
  });
  return createSweep(db, {
    spec,
    specDigest: specDigest(spec),
    analysisPlanDigest: null,
    preset: null,
    deviceClass: "cpu",
    runs: [],
  });
}

/**
 * Writes a run that is trained elsewhere, as running.
 *
 * @param by whose run it is
 * @throws {ProblemError} naming the field that does not fit the study
 */
export async function logRun(db: Database, body: LoggedRun, by: string): Promise<Run> {
  const sweep =
    body.sweepId === undefined
      ? await beginStudy(db, body)
      : found(await getSweep(db, body.sweepId), "sweep", body.sweepId);
  if (sweep.spec.trainer !== externalTrainer) {
    throw problem(
      "conflict",
      `The runs of this sweep are trained by workers (trainer ${sweep.spec.trainer}). Log into a study of trainer ${externalTrainer}, or leave sweepId out to begin one.`,
    );
  }
  const { startedAt, tags, notes } = body;
  const { started } = await addLoggedRuns(db, {
    sweepId: sweep.id,
    deviceClass: "cpu",
    by,
    startFirst: true,
    details: { startedAt: startedAt === undefined ? null : new Date(startedAt), tags, notes },
    plan: (spec, existing) => [planLoggedRun(spec, existing, body)],
  }).then(transitioned, asProblem);
  const { id } = found(started, "run", "just logged");
  if (body.environment !== undefined) {
    await recordEnvironment(db, await attemptOf(db, id), body.environment);
  }
  return found(await getRun(db, id), "run", id);
}

/** @throws {ProblemError} for a run that is unknown, trained by a worker, or not running */
export async function attemptOf(db: Database, runId: string): Promise<AttemptRef> {
  return transitioned(await loggedAttempt(db, runId));
}

const directionOf = (key: string) => (key.startsWith("validation") ? describeMetric(key).direction : null);

/** Appends what a run reports. @returns how many points of histories there were */
export async function logMetrics(db: Database, runId: string, body: LoggedMetrics): Promise<number> {
  const ref = await attemptOf(db, runId);
  const run = found(await getRun(db, runId), "run", runId);
  const elapsed = run.startedAt === null ? 0 : Math.max(0, Date.now() - Date.parse(run.startedAt)) / 1000;
  const { step } = body;
  const single = step === undefined ? [] : Object.entries(body.metrics);
  const metrics = [
    ...single.map(([key, value]) => ({ key, steps: [step ?? 0], values: [value], wallTimes: [elapsed] })),
    ...Object.entries(body.series).map(([key, { steps, values, wallTimes }]) => ({
      key,
      steps,
      values,
      wallTimes: wallTimes ?? steps.map(() => elapsed),
    })),
  ].map((metric) => ({
    ...metric,
    values: metric.values.map(decodeNumber),
    direction: directionOf(metric.key),
  }));
  await writeBatch(db, ref, {
    batch: "next",
    metrics,
    digests: body.digests,
    tensorDigests: [],
    logs: [],
    reductionOrders: [],
    embeddings: body.embeddings.map((given) => ({ ...given, vector: given.vector.map(decodeNumber) })),
    system: [],
    progress: body.progress,
  });
  return metrics.reduce((sum, { steps }) => sum + steps.length, 0);
}

/** Ends a run that was trained elsewhere. */
export async function endRun(db: Database, runId: string, end: LoggedEnd): Promise<Run> {
  const ref = await attemptOf(db, runId);
  const { status, energy } = end;
  if (status === "succeeded") {
    const { digest, selectedEpoch, phases, durationMs } = end;
    await finishAttempt(db, ref, {
      status,
      digest,
      selectedEpoch,
      phases,
      energy,
      ...(durationMs === undefined ? {} : { durationMs }),
    });
  } else if (status === "failed") {
    const message = end.error ?? "It was logged as failed, without a message.";
    await finishAttempt(db, ref, { status, error: { kind: "user", message, hint: null }, energy });
  } else {
    await finishAttempt(db, ref, { status, energy });
  }
  return found(await getRun(db, runId), "run", runId);
}
