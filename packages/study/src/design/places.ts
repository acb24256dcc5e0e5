import { type FieldError, type SweepSpec, searchedParameters, showValue } from "@reprise/contracts";
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

/** The configurations, none where the spec cannot be expanded: that is reported by itself. */
function expandable(spec: SweepSpec): Configuration[] {
  try {
    return configurationsOf(spec);
  } catch (error) {
    if (error instanceof SweepDesignError) return [];
    throw error;
  }
}

/** What is wrong with a value in one configuration. `where` says in how many, where not in all of them. */
export type Fault = {
  name: string;
  value: unknown;
  message: (where: string) => string;
  wayOut: (first: Configuration, everywhere: boolean) => string;
};

/** Faults of single configurations as errors of the document, one per place. */
export function errorsByPlace(
  spec: SweepSpec,
  faultsOf: (configuration: Configuration) => Fault[],
): FieldError[] {
  const configurations = expandable(spec);
  const found = new Map<string, { first: Configuration; fault: Fault; count: number }>();
  for (const [index, configuration] of configurations.entries()) {
    for (const fault of faultsOf(configuration)) {
      const path = placeOf(spec, fault.name, index);
      const known = found.get(path);
      if (known) known.count += 1;
      else found.set(path, { first: configuration, fault, count: 1 });
    }
  }
  return [...found].map(([path, { first, fault, count }]) => {
    const total = configurations.length;
    const where = count === total ? "" : ` in ${count} of ${total} configurations (first: ${first.label})`;
    return {
      path,
      message: fault.message(where),
      value: showValue(fault.value),
      suggestion: fault.wayOut(first, count === total),
    };
  });
}
