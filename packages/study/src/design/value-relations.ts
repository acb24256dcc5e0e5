import {
  dataKindOf,
  effectiveValues,
  type FieldError,
  type Hyperparameter,
  misfit,
  type ParameterValue,
  type SweepSpec,
  type TrainerCapabilities,
  whyUnused,
} from "@reprise/contracts";
import type { Configuration } from "./expand-sweep.js";
import { errorsByPlace, type Fault } from "./places.js";

type Bound = NonNullable<Hyperparameter["atLeast"]>[number];
type Values = Readonly<Record<string, ParameterValue>>;

/** "batchNorm is true", for the conditions of a bound that hold by single values. */
const conditionsOf = ({ when = {} }: Bound, values: Values) =>
  Object.keys(when)
    .map((name) => `${name} is ${String(values[name])}`)
    .join(" and ");

/** The fault of a value that falls below a bound; null where it does not, or where the bound does not hold. */
function tooSmall(
  name: string,
  rule: Hyperparameter,
  bound: Bound,
  { values, task }: { values: Values; task: string },
): Fault | null {
  const [value, other] = [values[name], values[bound.of]];
  if (typeof value !== "number" || typeof other !== "number") return null;
  if (whyUnused({ ...rule, usedWhen: bound.when }, values, task) !== null) return null;
  const least = bound.times * other;
  if (value >= least) return null;
  const condition = conditionsOf(bound, values);
  const reason = `${bound.times === 1 ? "" : `${bound.times} × `}${bound.of} (${other})${condition === "" ? "" : `, because ${condition}`}`;
  return {
    ...{ name, value },
    message: (where) => `is less than ${least}${where}: it must be at least ${reason}`,
    wayOut: () =>
      `Set ${name} to at least ${least}, or ${bound.of} to at most ${Math.floor(value / bound.times)}.`,
  };
}

/**
 * Values of the spec that cannot stand beside the others of their configuration, or on its data, by what the trainer
 * announced: those that do not fit, and those that are too small; the first reason each.
 */
export function relationErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const { hyperparameters: rules } = trainer;
  const related = Object.entries(rules).filter(([, rule]) => rule.atLeast ?? rule.fits ?? rule.divides);
  const info = trainer.datasets.find(({ name }) => name === spec.dataset.name);
  const data = info ? dataKindOf(info.inputShape) : null;
  const faultsOf = ({ params }: Configuration): Fault[] => {
    const values = effectiveValues(rules, params);
    return related.flatMap(([name, rule]): Fault[] => {
      if (whyUnused(rule, values, spec.task) !== null) return [];
      const problem = misfit(rules, name, { values, task: spec.task, data });
      if (problem !== null) {
        const isDefault = (params[name] ?? null) === null;
        return [
          {
            ...{ name, value: values[name] },
            message: (where) => `${isDefault ? "the default " : ""}${problem.message}${where}`,
            wayOut: () => problem.suggestion ?? rule.description,
          },
        ];
      }
      const faults = (rule.atLeast ?? []).flatMap(
        (bound) => tooSmall(name, rule, bound, { values, task: spec.task }) ?? [],
      );
      return faults.slice(0, 1);
    });
  };
  return errorsByPlace(spec, faultsOf);
}
