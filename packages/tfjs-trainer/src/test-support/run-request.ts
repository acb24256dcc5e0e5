import { tmpdir } from "node:os";
import type { RunRequest } from "@reprise/contracts";

export type Order = RunRequest["arm"]["execution"]["order"];

/** A request on wdbc with the default arms' execution settings; `change` overrides its fields. */
export function requestOf(
  order: Order,
  parameters: RunRequest["parameters"],
  change: Partial<RunRequest> = {},
): RunRequest {
  return {
    protocol: 1,
    runId: "run",
    attempt: 1,
    task: "classification",
    parameters,
    seed: 0,
    mode: order === "free" ? "nondeterministic" : "deterministic",
    arm: { name: order, execution: { order, algorithms: "deterministic", autotune: false, tf32: false } },
    repeat: 0,
    noise: { init: "fixed", dataOrder: "fixed", augmentation: "fixed", dropout: "fixed", split: "fixed" },
    dataset: { name: "wdbc", split: { train: 0.45, validation: 0.15, test: 0.4, seed: 1, groupBy: null } },
    objective: null,
    threshold: { rule: "fixed", value: 0.5 },
    selection: { epoch: "last" },
    backend: "auto",
    resources: { threads: 2, ranks: 1 },
    outputDirectory: tmpdir(),
    checkpointEveryEpochs: null,
    checkpointEverySteps: null,
    keepWeights: "never",
    resume: null,
    replay: null,
    evaluate: null,
    ...change,
  };
}
