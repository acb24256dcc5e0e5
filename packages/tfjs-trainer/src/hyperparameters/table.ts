import type { HyperparameterRule, HyperparameterRules } from "@reprise/contracts";
import { contrastiveHyperparameters } from "./contrastive.js";
import { dataHyperparameters } from "./data.js";
import { evaluationHyperparameters } from "./evaluation.js";
import { executionHyperparameters } from "./execution.js";
import { modelHyperparameters } from "./model.js";
import { optimisationHyperparameters } from "./optimisation.js";
import { reportingHyperparameters } from "./reporting.js";
import { scheduleHyperparameters } from "./schedule.js";

/** Every hyperparameter of the built-in trainer. A row is all there is to add one: type, default, limits, when it is used. */
const hyperparameters = {
  ...modelHyperparameters,
  ...dataHyperparameters,
  ...executionHyperparameters,
  ...optimisationHyperparameters,
  ...scheduleHyperparameters,
  ...reportingHyperparameters,
  ...contrastiveHyperparameters,
  ...evaluationHyperparameters,
};

/** The table with every condition written out: an evaluation trains nothing, and has its source's values for the rest. */
export const hyperparameterRules: HyperparameterRules = Object.fromEntries(
  Object.entries<HyperparameterRule>(hyperparameters).map(([name, rule]) => [
    name,
    rule.usedWhen?.task ? rule : { ...rule, usedWhen: { ...rule.usedWhen, task: { not: ["evaluation"] } } },
  ]),
);

type Table = typeof hyperparameters;

/** The type of a row's values. */
type ValueOf<Row extends HyperparameterRule> =
  | (Row extends { type: "number" | "integer" } ? number : never)
  | (Row extends { type: "boolean" } ? boolean : never)
  | (Row extends { type: "string" }
      ? Row extends { choices: readonly (infer Choice)[] }
        ? Choice
        : string
      : never)
  | (Row extends { type: "numberList" | "integerList" } ? number[] : never)
  | (Row extends { nullable: true } ? null : never);

/** The effective configuration: what the run really uses, typed. */
export type EffectiveHyperparameters = { [Name in keyof Table]: ValueOf<Table[Name]> };
