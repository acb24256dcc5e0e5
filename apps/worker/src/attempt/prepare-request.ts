import type { ReductionOrder, Run, RunRequest, StoredRequest, TrainerCapabilities } from "@reprise/contracts";

/** The document a trainer gets on stdin, from what the database has of a run. */
export function toRunRequest(input: {
  run: Run;
  stored: StoredRequest;
  attempt: number;
  outputDirectory: string;
  resume: { path: string; step: number } | null;
  replayOrder: ReductionOrder | null;
  evaluate: RunRequest["evaluate"];
  /** Sheets of thumbnails that are stored already. */
  knownThumbnails: string[];
  capabilities: Pick<TrainerCapabilities, "backends">;
}): RunRequest {
  const { run, stored, resume, replayOrder, capabilities } = input;
  return {
    protocol: 1,
    runId: run.id,
    attempt: input.attempt,
    task: stored.task,
    parameters: run.params,
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
    autoBackends: capabilities.backends,
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
