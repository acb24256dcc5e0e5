import {
  canonicalJson,
  decodeNumber,
  externalTrainer,
  type LoggedEnd,
  type LoggedMetrics,
  type LoggedObservations,
  type LoggedObservationsAnswer,
  type LoggedRun,
  type MetricDeclaration,
  mostMetrics,
  type Run,
  settingsAmong,
  sweepSpec,
  type WireNumber,
} from "@reprise/contracts";
import {
  addLoggedRuns,
  createSweep,
  type Database,
  databaseTime,
  finishAttempt,
  getRun,
  getStudyDocument,
  keptDirection,
  type LeasedAttempt,
  loggedAttempt,
  type Outsider,
  recordEnvironment,
  recordFinalValues,
  type StudyDocument,
  studyMetricsOfRun,
  studyNamed,
  TooManyMetricsError,
  writeBatch,
} from "@reprise/database";
import { addedConfiguration, labelsOf, planLoggedRun, SweepDesignError, specDigest } from "@reprise/study";
import { z } from "zod";
import { found, problem, transitioned } from "../http/problems.js";
import { lineTimesOf, startOf, timesOf } from "./logged-times.js";

/** What a plan refuses, as a problem document. */
export function asProblem(error: unknown): never {
  if (!(error instanceof SweepDesignError)) throw error;
  throw problem("invalid-request", 'The run does not fit the study; see "errors".', { errors: error.errors });
}

/** The study that a run begins when it names none: both modes, no plan. */
function newStudy({ name, study, dataset, metrics }: LoggedRun) {
  const spec = sweepSpec.parse({
    name: study ?? name ?? "Logged runs",
    trainer: externalTrainer,
    dataset: dataset ?? "unnamed",
    search: { method: "external" },
    ...(metrics === undefined ? {} : { metrics }),
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
  });
  const bare = { analysisPlanDigest: null, preset: null, deviceClass: "cpu", runs: [] } as const;
  return { spec, specDigest: specDigest(spec), ...bare };
}

/** Whether all that a run says of a metric is declared in its study already. */
function isDeclared(declared: MetricDeclaration | undefined, said: MetricDeclaration): boolean {
  return canonicalJson({ ...declared, ...said }) === canonicalJson({ ...declared });
}

/** The study that a run is logged to: by id, by name, or a new one. */
async function studyFor(db: Database, body: LoggedRun): Promise<StudyDocument> {
  const { sweepId, study, dataset, metrics = {} } = body;
  if (sweepId !== undefined) return found(await getStudyDocument(db, sweepId), "sweep", sweepId);
  if (study === undefined) return createSweep(db, newStudy(body));
  const named = transitioned(await studyNamed(db, study, newStudy(body)));
  const declared = { ...named.spec.metrics, ...named.metrics };
  const contradicted = Object.entries(metrics).find(([key, said]) => !isDeclared(declared[key], said));
  if (contradicted) {
    const [key] = contradicted;
    throw problem("invalid-request", `The study ${JSON.stringify(study)} declares other things of ${key}.`, {
      errors: [
        {
          path: `metrics.${key}`,
          message: declared[key]
            ? `the study declares ${JSON.stringify(declared[key])}`
            : "the study declares nothing of it",
          value: JSON.stringify(metrics[key]),
          suggestion: `Declare it for the whole study with PATCH /sweeps/${named.id}, or leave it out here.`,
        },
      ],
    });
  }
  const { name } = named.spec.dataset;
  if (dataset === undefined || dataset.name === name) return named;
  throw problem("invalid-request", `The study ${JSON.stringify(study)} is about another data set.`, {
    errors: [{ path: "dataset", message: `the study is about ${name}`, value: dataset.name }],
  });
}

/**
 * Writes a run that is trained elsewhere, as running.
 *
 * @throws {ProblemError} naming the field that does not fit the study
 */
export async function logRun(db: Database, body: LoggedRun, outsider: Outsider): Promise<Run> {
  const startedAt = startOf(body, await databaseTime(db.prisma));
  const sweep = await studyFor(db, body);
  if (sweep.spec.trainer !== externalTrainer) {
    throw problem(
      "conflict",
      `The runs of this sweep are trained by workers (trainer ${sweep.spec.trainer}). Log into a study of trainer ${externalTrainer}, or leave sweepId out to begin one.`,
    );
  }
  const { tags, notes } = body;
  const { started } = await addLoggedRuns(db, {
    sweepId: sweep.id,
    deviceClass: "cpu",
    outsider,
    details: { startedAt, tags, notes },
    configuration: (spec, labelling) => addedConfiguration(spec, labelling, body),
    plan: (spec, known) => [planLoggedRun(spec, known, body)],
    labels: labelsOf,
  }).then(transitioned, asProblem);
  return withEnvironment(db, found(started, "run", "just logged"), body.environment);
}

/**
 * The run as it is once the environment of its attempt, where one was given, is written.
 *
 * @param run as it is before
 */
export async function withEnvironment(
  db: Database,
  run: Run,
  environment: LoggedRun["environment"],
): Promise<Run> {
  if (environment === undefined) return run;
  const { id, attempt } = run;
  const ref = await attemptOf(db, id, attempt);
  await recordEnvironment(db, ref, environment);
  const observations = settingsAmong(environment);
  if (observations.length > 0) await logObservations(db, ref, { observations, gaps: [] });
  return found(await getRun(db, id), "run", id);
}

/**
 * The attempt that a report is of; its lease is renewed.
 *
 * @param attempt the number that the report names; null where it names none
 * @param options.ends for the report that ends it
 * @throws {ProblemError} for a run that is unknown, trained by a worker, or not running, and for a stale attempt
 */
export async function attemptOf(
  db: Database,
  runId: string,
  attempt: number | null,
  options?: { ends: boolean },
): Promise<LeasedAttempt> {
  return transitioned(await loggedAttempt(db, { runId, attempt }, options));
}

const naming = z.object({ metrics: z.unknown(), series: z.unknown() }).partial();
/** The names in a part of a report; none in one that is refused for its form. */
const namesIn = (part: unknown) => Object.keys(z.looseObject({}).safeParse(part).data ?? {});

/**
 * Refuses a report of more metrics than a run may have, before each of their names is looked at. Those of several reports are counted where
 * they are written.
 *
 * @param body as it came
 */
export async function refuseManyNames({ body }: { body: unknown }): Promise<void> {
  const { metrics, series } = naming.safeParse(body).data ?? {};
  const names = new Set([...namesIn(metrics), ...namesIn(series)]);
  if (names.size > mostMetrics) throw new TooManyMetricsError();
}

/** Appends what a run reports. @returns how many points of histories there were */
export async function logMetrics(db: Database, ref: LeasedAttempt, body: LoggedMetrics): Promise<number> {
  const { step, logs } = body;
  const times = lineTimesOf(logs, ref.now);
  const elapsed =
    ref.startedAt === null ? 0 : Math.max(0, ref.now.getTime() - ref.startedAt.getTime()) / 1000;
  const declared = await studyMetricsOfRun(db, ref.runId);
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
    direction: keptDirection(metric.key, declared),
  }));
  await writeBatch(db, ref, {
    batch: "next",
    metrics,
    digests: body.digests,
    tensorDigests: body.tensorDigests,
    logs: logs.map(({ stream, text }, index) => ({ stream, text, at: times[index] ?? ref.now })),
    reductionOrders: [],
    embeddings: body.embeddings.map((given) => ({ ...given, vector: given.vector.map(decodeNumber) })),
    system: [],
    progress: body.progress,
  });
  return metrics.reduce((sum, { steps }) => sum + steps.length, 0);
}

const nothing = {
  metrics: [],
  digests: [],
  tensorDigests: [],
  logs: [],
  reductionOrders: [],
  embeddings: [],
};

/** Appends what was observed of settings of the process. @returns all of the run's settings in short */
export async function logObservations(
  db: Database,
  ref: LeasedAttempt,
  { observations, gaps }: LoggedObservations,
): Promise<LoggedObservationsAnswer> {
  const { runId } = ref;
  await writeBatch(db, ref, { ...nothing, batch: "next", observations, gaps, system: [], progress: null });
  const { observed } = found(await getRun(db, runId), "run", runId);
  return { runId, observations: observations.length, settings: observed };
}

/** Notes values of a whole run, which are at no step. */
export async function logFinalValues(
  db: Database,
  ref: LeasedAttempt,
  metrics: Readonly<Record<string, WireNumber>>,
): Promise<void> {
  const declared = await studyMetricsOfRun(db, ref.runId);
  const values = Object.entries(metrics).map(([key, value]) => ({
    key,
    value: decodeNumber(value),
    direction: keptDirection(key, declared),
  }));
  return recordFinalValues(db, ref, values);
}

/**
 * Ends a run that was trained elsewhere.
 *
 * @param run as it is before
 */
export async function endRun(db: Database, run: Run, ref: LeasedAttempt, end: LoggedEnd): Promise<Run> {
  const { runId } = ref;
  const { status, energy } = end;
  const times = timesOf(run, end, ref.now);
  if (status === "succeeded") {
    const { digest, selectedEpoch, phases } = end;
    await finishAttempt(db, ref, { status, digest, selectedEpoch, phases, energy, ...times });
  } else if (status === "failed") {
    const message = end.error ?? "It was logged as failed, without a message.";
    const { lastLines } = end;
    const error = { kind: "user", message, hint: null, ...(lastLines && { lastLines }) } as const;
    await finishAttempt(db, ref, { status, error, energy, ...times });
  } else if (status === "pruned") {
    await finishAttempt(db, ref, { status, step: end.prunedAtStep ?? null, energy, ...times });
  } else {
    await finishAttempt(db, ref, { status, energy, ...times });
  }
  return found(await getRun(db, runId), "run", runId);
}
