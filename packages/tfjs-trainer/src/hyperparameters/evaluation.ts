import type { HyperparameterRules } from "@reprise/contracts";

/** What an evaluation evaluates. */
export const evaluationHyperparameters = {
  sourceRun: {
    type: "string",
    default: null,
    nullable: true,
    description:
      "Id of the run whose final weights are evaluated (task evaluation). It must have kept them; its model, data and split are used.",
    usedWhen: { task: ["evaluation"] },
  },
} as const satisfies HyperparameterRules;
