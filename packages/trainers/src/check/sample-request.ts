import type { RunRequest } from "@reprise/contracts";

/** A small valid request: deterministic, seed 0, on a data set of the name `toy`. */
export function sampleRequest(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    protocol: 1,
    runId: "00000000-0000-4000-8000-000000000001",
    attempt: 1,
    task: "classification",
    parameters: {},
    seed: 0,
    mode: "deterministic",
    arm: {
      name: "det",
      execution: { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false },
    },
    repeat: 0,
    noise: { init: "fixed", dataOrder: "fixed", augmentation: "fixed", dropout: "fixed", split: "fixed" },
    dataset: {
      name: "toy",
      split: { train: 0.6, validation: 0.2, test: 0.2, seed: 1, groupBy: null },
    },
    objective: null,
    threshold: { rule: "fixed", value: 0.5 },
    selection: { epoch: "last" },
    backend: "auto",
    resources: { threads: "auto", ranks: 1 },
    outputDirectory: "/tmp",
    checkpointEveryEpochs: null,
    checkpointEverySteps: null,
    keepWeights: "auto",
    resume: null,
    replay: null,
    evaluate: null,
    ...changes,
  };
}
