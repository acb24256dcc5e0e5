import type { ReductionOrder, Run, RunRequest, StoredRequest, TrainerCapabilities } from "@reprise/contracts";
import {
  type AttemptRef,
  type Database,
  evaluationSource,
  knownThumbnails,
  readReductionOrder,
} from "@reprise/database";

/** One execution of a run, as it was claimed. */
export type Attempt = {
  ref: AttemptRef;
  run: Run;
  stored: StoredRequest;
  resume: { path: string; step: number } | null;
};

type Prepared = { ok: true; request: RunRequest } | { ok: false; reason: string };

/**
 * The document a trainer gets on stdin, with what other runs contribute to it: a summation order, weights, pictures.
 * Refused where they do not have it.
 */
export async function prepareRequest(
  db: Database,
  attempt: Attempt,
  options: { outputDirectory: string; capabilities: Pick<TrainerCapabilities, "backends"> },
): Promise<Prepared> {
  const { run, stored } = attempt;
  const replayOrder =
    run.purpose === "replay" ? await readReductionOrder(db, run.sourceRunId ?? run.id) : null;
  if (run.purpose === "replay" && !replayOrder) {
    return { ok: false, reason: "The run to replay has no recorded summation order." };
  }
  const evaluated =
    stored.task === "evaluation" ? await evaluationSource(db, String(run.params.sourceRun)) : null;
  if (evaluated && !evaluated.ok) return evaluated;
  // Not known is drawn once more: no reason to wait for a database that is away.
  const thumbnails = await knownThumbnails(db, run.dataset).catch(() => []);
  return {
    ok: true,
    request: toRunRequest(attempt, {
      ...options,
      replayOrder,
      evaluate: evaluated?.evaluate ?? null,
      knownThumbnails: thumbnails,
    }),
  };
}

/** The document for a run that is traced: as it was trained, and nothing of it is kept. */
export function tracedRequest(
  { run, stored }: Pick<Attempt, "run" | "stored">,
  capabilities: Pick<TrainerCapabilities, "backends">,
): RunRequest {
  const ref = { runId: run.id, attempt: Math.max(1, run.attempt), token: "" };
  const kept = { checkpointEveryEpochs: null, checkpointEverySteps: null };
  return toRunRequest(
    { run, ref, resume: null, stored: { ...stored, ...kept, keepWeights: "never", keepThumbnails: "never" } },
    { outputDirectory: "", replayOrder: null, evaluate: null, knownThumbnails: [], capabilities },
  );
}

function toRunRequest(
  { run, stored, ref, resume }: Attempt,
  input: {
    outputDirectory: string;
    replayOrder: ReductionOrder | null;
    evaluate: RunRequest["evaluate"];
    /** Sheets of thumbnails that are stored already. */
    knownThumbnails: string[];
    capabilities: Pick<TrainerCapabilities, "backends">;
  },
): RunRequest {
  const { replayOrder } = input;
  return {
    protocol: 1,
    runId: run.id,
    attempt: ref.attempt,
    task: stored.task,
    // Null is unset, as what is left out: a program that knows only its own defaults must not meet it.
    parameters: Object.fromEntries(Object.entries(run.params).filter(([, value]) => value !== null)),
    seed: run.seed,
    mode: run.mode,
    arm: { name: run.arm, execution: run.execution },
    repeat: run.repeat,
    noise: run.noise,
    dataset: stored.dataset,
    objective: stored.objective,
    threshold: stored.threshold,
    selection: stored.selection,
    backend: stored.backend,
    autoBackends: input.capabilities.backends,
    resources: { threads: stored.resources.threads, ranks: stored.resources.ranks },
    outputDirectory: input.outputDirectory,
    checkpointEveryEpochs: stored.checkpointEveryEpochs,
    checkpointEverySteps: stored.checkpointEverySteps,
    keepWeights: stored.keepWeights,
    ...(stored.keepThumbnails === "never" ? {} : { thumbnails: { known: input.knownThumbnails } }),
    resume: resume ? { checkpointPath: resume.path, step: resume.step } : null,
    replay: replayOrder ? { order: replayOrder } : null,
    evaluate: input.evaluate,
  };
}
