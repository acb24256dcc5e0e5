import type { EffectiveHyperparameters } from "../hyperparameters/table.js";

export type ScheduleOptions = Pick<
  EffectiveHyperparameters,
  "learningRate" | "scheduler" | "warmupSteps" | "decayEvery" | "decayFactor"
>;

/**
 * Learning rate of `step` (from 0). Warm-up rises linearly and reaches the peak with its last step. After it: constant;
 * `step` multiplies by decayFactor every decayEvery epochs, counted from the start of training; `cosine` falls
 * from the peak to 0 over the remaining steps (Loshchilov & Hutter 2017, without restarts), step by step and not epoch
 * by epoch, as OpenCLIP does. Checked against torch.optim.lr_scheduler (`reference/make-trajectories.py`).
 */
export function learningRateAt(
  options: ScheduleOptions,
  { step, stepsPerEpoch, totalSteps }: { step: number; stepsPerEpoch: number; totalSteps: number },
): number {
  const { learningRate, warmupSteps } = options;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  switch (options.scheduler) {
    case "constant":
      return learningRate;
    case "step": {
      let rate = learningRate;
      const reductions = Math.floor(step / (stepsPerEpoch * options.decayEvery));
      for (let i = 0; i < reductions; i++) rate *= options.decayFactor;
      return rate;
    }
    case "cosine": {
      const span = Math.max(1, totalSteps - warmupSteps);
      return (learningRate * (1 + Math.cos((Math.PI * (step - warmupSteps)) / span))) / 2;
    }
  }
}
