import type { HyperparameterRules } from "@reprise/contracts";

export const scheduleHyperparameters = {
  scheduler: {
    type: "string",
    choices: ["constant", "step", "cosine"],
    default: "constant",
    description: "Course of the learning rate after warm-up.",
  },
  warmupSteps: {
    type: "integer",
    default: 0,
    minimum: 0,
    unit: "steps",
    description: "Steps over which the learning rate rises linearly to its peak.",
  },
  decayEvery: {
    type: "integer",
    default: 10,
    minimum: 1,
    unit: "epochs",
    description: "Epochs between two reductions of the learning rate.",
    usedWhen: { scheduler: ["step"] },
  },
  decayFactor: {
    type: "number",
    default: 0.1,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Factor of each reduction.",
    usedWhen: { scheduler: ["step"] },
  },
} as const satisfies HyperparameterRules;
