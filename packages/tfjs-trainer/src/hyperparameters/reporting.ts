import type { HyperparameterRules } from "@reprise/contracts";

/** What a run reports beyond its results. These change nothing that is computed, and are no part of its configuration's digest. */
export const reportingHyperparameters = {
  probeCases: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 128,
    unit: "cases",
    limitedBy: "testCases",
    description:
      "Test cases whose activations before the last layer are reported after every epoch, for the similarity of repeats: the first of the test split, the same in all runs; 0 for none.",
    usedWhen: { task: ["classification"] },
  },
} as const satisfies HyperparameterRules;
