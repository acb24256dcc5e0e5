import type { Energy, PlannedRun } from "@reprise/contracts";
import type { AnalysisInput } from "../analyses/input.js";
import { inputOf } from "./runs-fixture.js";
import { specOf } from "./spec-fixture.js";

/** 2 optimizers × 2 learning rates × 4 seeds × (2 deterministic + 3 free): a full grid over several seeds. */
const gridSpec = specOf({
  search: { method: "grid", parameters: { optimizer: ["adam", "sgd"], learningRate: [0.01, 0.1] } },
  seeds: [0, 42, 314, 3407],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 3 } },
  // Times below follow from a run's position.
  order: "listed",
  analysisPlan: {
    primaryMetric: "testAccuracy",
    contrasts: ["mode", "configuration"],
    margin: { testAccuracy: 0.01 },
  },
});

/** Made-up accuracies: an optimizer, a learning rate, a seed and a repeat each move them a little. */
function gridAccuracy({ params, seed, arm, repeat }: PlannedRun): number {
  const sgd = params.optimizer === "sgd" ? 1 : 0;
  const fast = params.learningRate === 0.1 ? 1 : 0;
  const wobble = 0.006 * Math.sin(seed + 3 * sgd + 5 * fast);
  const noise = arm === "det" ? 0.0005 : 0.002 * Math.sin(17 * repeat + seed + sgd + 2 * fast);
  return Number((0.9 + 0.03 * sgd + 0.012 * fast + wobble + noise).toFixed(6));
}

const energy = (kWh: number): Energy => ({
  kWh,
  gCO2e: kWh * 381,
  method: "tdp-hours",
  factors: { pue: 1, place: "DEU", hours: kWh * 10 },
});

/** The grid study with every run ended; deterministic runs take two minutes and more, free ones a minute less. */
export function gridInput(more: Partial<AnalysisInput> = {}): AnalysisInput {
  return inputOf(
    gridSpec,
    (run) => {
      const accuracy = gridAccuracy(run);
      const minutes =
        (run.arm === "det" ? 3 : 2) + Math.round(1000 * Math.abs(Math.sin(run.position))) / 1000;
      return {
        metrics: { testAccuracy: accuracy, validationAccuracy: Number((accuracy - 0.01).toFixed(6)) },
        digest: run.arm === "det" ? `det ${run.configurationKey} ${run.seed}` : run.key,
        changes: { durationMs: minutes * 60_000, energy: energy(minutes / 1000) },
      };
    },
    more,
  );
}
