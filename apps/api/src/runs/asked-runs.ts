import { type AskRequest, externalTrainer, type Run, type TellRequest } from "@reprise/contracts";
import {
  addLoggedRuns,
  askNext,
  type Database,
  getRun,
  getStudyDocument,
  type LeasedAttempt,
  type Outsider,
} from "@reprise/database";
import { addedConfiguration, labelsOf, planAsked, withConfiguration } from "@reprise/study";
import { found, problem, transitioned } from "../http/problems.js";
import { planSweep } from "../sweeps/sweep-planning.js";
import { asProblem, endRun, logFinalValues, logMetrics, withEnvironment } from "./logged-runs.js";
import { timesOf } from "./logged-times.js";

/**
 * Takes a configuration from a sampler, or hands out the next planned run where runs are trained elsewhere.
 *
 * @throws {ProblemError} for a configuration that the trainer would not take, and where there is nothing to ask for
 */
export async function ask(
  db: Database,
  sweepId: string,
  request: AskRequest,
  outsider: Outsider,
  traceparent: string | null,
): Promise<{ added: Run[]; run: Run | null }> {
  const { spec } = found(await getStudyDocument(db, sweepId), "sweep", sweepId);
  const isLogged = spec.trainer === externalTrainer;
  const { params, label, environment } = request;
  if (params === undefined) {
    if (isLogged) {
      const next = transitioned(await askNext(db, sweepId, outsider));
      return { added: [], run: await withEnvironment(db, next, environment) };
    }
    throw problem("invalid-request", "Workers train this sweep: name the configuration to try.", {
      errors: [{ path: "params", message: "is needed where workers train" }],
    });
  }
  if (spec.search.method !== "external") {
    throw problem(
      "conflict",
      `The configurations of this sweep were fixed beforehand (search ${spec.search.method}). ${isLogged ? "Ask without params for its next run." : "Extend it instead, or create one with search external."}`,
    );
  }
  const { deviceClass } = await planSweep(db, withConfiguration(spec, params, label));
  const { added, started } = await addLoggedRuns(db, {
    sweepId,
    deviceClass,
    outsider: isLogged ? outsider : null,
    details: null,
    traceparent,
    configuration: (current, labelling) => addedConfiguration(current, labelling, request),
    plan: (current, known) => planAsked(current, known, request),
    labels: labelsOf,
  }).then(transitioned, asProblem);
  const run = started && (await withEnvironment(db, started, environment));
  const runs = await Promise.all(added.map((id) => (id === run?.id ? run : getRun(db, id))));
  return { added: runs.flatMap((one) => one ?? []), run };
}

/** Ends a run that was asked for with the value of the study's objective. */
export async function tell(db: Database, ref: LeasedAttempt, told: TellRequest): Promise<Run> {
  const { runId } = ref;
  const run = found(await getRun(db, runId), "run", runId);
  const sweep = run.sweepId === null ? null : await getStudyDocument(db, run.sweepId);
  const { value, step, status, error, endedAt } = told;
  const metrics = { ...told.metrics };
  if (value !== undefined) {
    const objective = sweep?.spec.objective?.metric;
    if (objective === undefined) {
      throw problem("invalid-request", "The study has no objective that a bare value could be of.", {
        errors: [{ path: "value", message: "name the metric", suggestion: "Send it under metrics instead." }],
      });
    }
    metrics[objective] = value;
  }
  if (status === "succeeded" && Object.keys(metrics).length === 0) {
    throw problem("invalid-request", "A run that succeeded has a value to tell.", {
      errors: [{ path: "value", message: "is missing", suggestion: "Send value, or metrics." }],
    });
  }
  // Before anything is written.
  timesOf(run, told, ref.now);
  if (Object.keys(metrics).length > 0 && step === undefined) {
    await logFinalValues(db, ref, metrics);
  } else if (Object.keys(metrics).length > 0) {
    await logMetrics(db, ref, {
      step,
      metrics,
      series: {},
      digests: [],
      tensorDigests: [],
      embeddings: [],
      logs: [],
      progress: null,
    });
  }
  return endRun(db, run, ref, {
    status,
    digest: null,
    selectedEpoch: null,
    phases: {},
    energy: null,
    ...(status === "pruned" && step !== undefined ? { prunedAtStep: step } : {}),
    ...(error === undefined ? {} : { error }),
    ...(endedAt === undefined ? {} : { endedAt }),
  });
}
