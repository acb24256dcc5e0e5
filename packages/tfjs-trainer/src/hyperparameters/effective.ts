import {
  type DataKind,
  didYouMean,
  effectiveValues,
  misfit,
  type Parameters,
  type ParameterValue,
  type RunRequest,
  valueProblem,
  whyUnused,
} from "@reprise/contracts";
import { userError } from "../program/errors.js";
import { reportingHyperparameters } from "./reporting.js";
import { type EffectiveHyperparameters, hyperparameterRules } from "./table.js";

type Task = RunRequest["task"];

const rules = hyperparameterRules;
const show = (value: unknown) => JSON.stringify(value) ?? String(value);

/** Throws a user error for an unknown key and for a value of the wrong type or out of range. */
function checkValue(name: string, value: ParameterValue): void {
  const rule = rules[name];
  if (!rule) {
    const known = Object.keys(rules);
    throw userError(`Unknown hyperparameter "${name}" (value ${show(value)}).`, didYouMean(name, known));
  }
  const problem = valueProblem(rule, value);
  if (!problem) return;
  throw userError(
    `Hyperparameter "${name}" ${problem.message}; given: ${show(value)}.`,
    problem.suggestion ?? rule.description,
  );
}

/** Whether every value has its row's type and keeps to its limits: only then does the type of the table hold. */
function isEffective(values: Record<string, ParameterValue>): values is EffectiveHyperparameters {
  return Object.entries(rules).every(([name, rule]) => {
    const value = values[name];
    if (value === undefined || (value === null && !rule.nullable)) return false;
    return valueProblem(rule, value) === null;
  });
}

/**
 * Defaults completed by what was requested. A null for a hyperparameter that cannot be null means "unset".
 * Throws a user error naming key, value and nearest key for unknown keys, values out of range, and keys that were asked
 * for but would not be used in this task and beside the other values.
 */
export function effectiveHyperparameters(
  requested: Parameters,
  task: Task = "classification",
): EffectiveHyperparameters {
  for (const [name, value] of Object.entries(requested)) checkValue(name, value);
  const values = effectiveValues(rules, requested);
  for (const [name, value] of Object.entries(requested)) {
    const rule = rules[name];
    const reason = rule && value !== null ? whyUnused(rule, values, task) : null;
    if (reason) {
      throw userError(
        `Hyperparameter "${name}" (value ${show(value)}) would not be used: ${reason}.`,
        "Leave it out, or set it to null for this configuration.",
      );
    }
  }
  if (!isEffective(values)) throw new Error("A default of a hyperparameter breaks its own rule.");
  return values;
}

/**
 * Throws a user error for the first value that does not fit the others, the task or the data, in the table's own words: the
 * same that is said before a launch.
 */
export function refuseMisfits(
  values: EffectiveHyperparameters,
  { task, data }: { task: Task; data: DataKind | null },
): void {
  for (const [name, rule] of Object.entries(rules)) {
    const problem = misfit(rules, name, { values, task, data });
    if (problem === null) continue;
    throw userError(
      `Hyperparameter "${name}" (value ${show(values[name as keyof EffectiveHyperparameters])}) ${problem.message}.`,
      problem.suggestion ?? rule.description,
    );
  }
}

/** The effective configuration without the keys that have no effect, for the record. */
export function usedParameters(
  effective: EffectiveHyperparameters,
  task: Task = "classification",
): Parameters {
  return Object.fromEntries(
    Object.entries(effective).filter(([name]) => {
      const rule = rules[name];
      return rule && whyUnused(rule, effective, task) === null;
    }),
  );
}

/** Hyperparameters that came after digests of configurations were kept, with the value that had held until then. */
const former: Parameters = { decayedParameters: "weights" };

/**
 * What a digest of a configuration is taken of: its parameters without those that only ask for more to be reported, and without later
 * ones that leave everything as it was, so that runs of before keep their digest.
 */
export const digestedParameters = (parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).filter(
      ([name, value]) => !(name in reportingHyperparameters) && !(name in former && former[name] === value),
    ),
  );
