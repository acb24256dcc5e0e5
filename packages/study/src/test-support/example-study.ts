import type { PlannedRun } from "@reprise/contracts";
import type { AnalysisInput } from "../analyses/input.js";
import { inputOf } from "./runs-fixture.js";
import { specOf } from "./spec-fixture.js";

/** Test accuracies by optimizer and seed: the deterministic value and five free repeats. */
const accuracies: Record<string, Record<number, { det: number; free: number[] }>> = {
  adam: {
    0: { det: 0.96, free: [0.95, 0.953, 0.961, 0.944, 0.957] },
    42: { det: 0.9, free: [0.93, 0.941, 0.937, 0.925, 0.949] },
  },
  sgd: {
    0: { det: 0.97, free: [0.971, 0.969, 0.972, 0.968, 0.97] },
    42: { det: 0.955, free: [0.955, 0.955, 0.955, 0.955, 0.955] },
  },
};

export const exampleSpec = specOf({
  search: { method: "list", configurations: [{ optimizer: "adam" }, { optimizer: "sgd" }] },
  analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.01 } },
});

export function accuracyOf({ params, seed, arm, repeat }: PlannedRun): number {
  const cell = accuracies[String(params.optimizer)]?.[seed];
  return (arm === "det" ? cell?.det : cell?.free[repeat]) ?? Number.NaN;
}

/** 2 optimizers × 2 seeds × (2 deterministic + 5 free), all ended; free runs have digests of their own. */
export function exampleInput(more: Partial<AnalysisInput> = {}): AnalysisInput {
  return inputOf(
    exampleSpec,
    (run) => ({
      metrics: { testAccuracy: accuracyOf(run), testLoss: 0.1 + (run.arm === "det" ? 0 : run.repeat / 1000) },
      digest: run.arm === "det" ? `det ${run.configurationKey} ${run.seed}` : run.key,
    }),
    more,
  );
}
