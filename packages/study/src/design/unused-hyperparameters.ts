import {
  effectiveValues,
  type FieldError,
  type SweepSpec,
  type TrainerCapabilities,
  whyUnused,
} from "@reprise/contracts";
import type { Configuration } from "./expand-sweep.js";
import { errorsByPlace, type Fault } from "./places.js";

function wayOut({ search }: SweepSpec, { label }: Configuration, everywhere: boolean): string {
  if (everywhere) return "Leave it out.";
  return search.method === "list"
    ? `Set it to null for the configuration "${label}".`
    : "List the configurations (search.method: list) and set it to null where it has no effect.";
}

/**
 * Hyperparameters that a configuration of the spec sets to a value but that would have no effect in it, by the rules that
 * the trainer announced: one error per place in the document. Nothing for a spec that cannot be expanded.
 */
export function unusedHyperparameterErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const rules = Object.entries(trainer.hyperparameters).filter(([, rule]) => rule.usedWhen);
  const faultsOf = ({ params }: Configuration): Fault[] => {
    const values = effectiveValues(trainer.hyperparameters, params);
    return rules.flatMap(([name, rule]) => {
      const value = params[name] ?? null;
      const reason = value === null ? null : whyUnused(rule, values, spec.task);
      if (reason === null) return [];
      return [
        {
          ...{ name, value },
          message: (where) => `would not be used${where}: ${reason}`,
          wayOut: (first, everywhere) => wayOut(spec, first, everywhere),
        },
      ];
    });
  };
  return errorsByPlace(spec, faultsOf);
}
