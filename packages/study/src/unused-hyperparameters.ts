import {
  effectiveValues,
  type FieldError,
  type SweepSpec,
  searchedParameters,
  showValue,
  type TrainerCapabilities,
  whyUnused,
} from "@reprise/contracts";
import { type Configuration, configurationsOf } from "./expand-sweep.js";
import { SweepDesignError } from "./sweep-design.js";

/** Where the value that a configuration has for `name` is written in the document. */
function placeOf({ base, search }: SweepSpec, name: string, index: number): string {
  if (search.method !== "list") {
    return Object.hasOwn(searchedParameters(search), name) ? `search.parameters.${name}` : `base.${name}`;
  }
  const own = search.configurations[index];
  if (own && Object.hasOwn(own, name)) return `search.configurations.${index}.${name}`;
  return Object.hasOwn(base, name) ? `base.${name}` : `search.configurations.${index}`;
}

function wayOut({ search }: SweepSpec, { label }: Configuration, everywhere: boolean): string {
  if (everywhere) return "Leave it out.";
  return search.method === "list"
    ? `Set it to null for the configuration "${label}".`
    : "List the configurations (search.method: list) and set it to null where it has no effect.";
}

/** The configurations, none where the spec cannot be expanded: that is reported by itself. */
function expandable(spec: SweepSpec): Configuration[] {
  try {
    return configurationsOf(spec);
  } catch (error) {
    if (error instanceof SweepDesignError) return [];
    throw error;
  }
}

/**
 * Hyperparameters that a configuration of the spec sets to a value but that would have no effect in it, by the rules that
 * the trainer announced: one error per place in the document. Nothing for a spec that cannot be expanded.
 */
export function unusedHyperparameterErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const configurations = expandable(spec);
  const rules = Object.entries(trainer.hyperparameters).filter(([, rule]) => rule.usedWhen);
  const found = new Map<string, { first: Configuration; value: unknown; reason: string; count: number }>();
  for (const [index, configuration] of configurations.entries()) {
    const { params } = configuration;
    const values = effectiveValues(trainer.hyperparameters, params);
    for (const [name, rule] of rules) {
      const value = params[name] ?? null;
      const reason = value === null ? null : whyUnused(rule, values, spec.task);
      if (reason === null) continue;
      const path = placeOf(spec, name, index);
      const known = found.get(path);
      if (known) known.count += 1;
      else found.set(path, { first: configuration, value, reason, count: 1 });
    }
  }
  return [...found].map(([path, { first, value, reason, count }]) => {
    const total = configurations.length;
    const where = count === total ? "" : ` in ${count} of ${total} configurations (first: ${first.label})`;
    return {
      path,
      message: `would not be used${where}: ${reason}`,
      value: showValue(value),
      suggestion: wayOut(spec, first, count === total),
    };
  });
}
