import {
  effectiveValues,
  type FieldError,
  type Hyperparameter,
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

/** Values of the spec that are too small beside others of their configuration, by what the trainer announced: the first bound each. */
export function relationErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const bounded = Object.entries(trainer.hyperparameters).filter(([, rule]) => rule.atLeast);
  const faultsOf = ({ params }: Configuration): Fault[] => {
    const values = effectiveValues(trainer.hyperparameters, params);
    return bounded.flatMap(([name, rule]) => {
      if (whyUnused(rule, values, spec.task) !== null) return [];
      const faults = (rule.atLeast ?? []).flatMap(
        (bound) => tooSmall(name, rule, bound, { values, task: spec.task }) ?? [],
      );
      return faults.slice(0, 1);
    });
  };
  return errorsByPlace(spec, faultsOf);
}
