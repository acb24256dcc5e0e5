import type { HyperparameterRules } from "@reprise/contracts";

/** How the training data are presented: batches, passes, augmentation. */
export const dataHyperparameters = {
  epochs: {
    type: "integer",
    default: 20,
    minimum: 1,
    maximum: 100_000,
    unit: "epochs",
    description: "Passes over the training data.",
  },
  batchSize: {
    type: "integer",
    default: 32,
    minimum: 1,
    maximum: 65_536,
    unit: "cases",
    description: "Cases per optimisation step; an incomplete last batch is left out.",
  },
} as const satisfies HyperparameterRules;
