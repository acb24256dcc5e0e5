import type { HyperparameterRules } from "@reprise/contracts";

export const executionHyperparameters = {
  shards: {
    type: "integer",
    default: 8,
    minimum: 1,
    maximum: 256,
    description:
      "Logical shards of a batch. Their gradients are summed; how many threads compute them changes nothing.",
    usedWhen: { task: ["classification"] },
  },
} as const satisfies HyperparameterRules;
