import {
  armsOf,
  canonicalJson,
  type FieldError,
  isReferenceExecution,
  maxRunsPerSweep,
  type SweepSpec,
  seedsOf,
  showValue,
} from "@reprise/contracts";
import { distinctValueCount, gridValues, maxValuesPerParameter, type SearchValues } from "./search-values.js";
import { sobolDimensions } from "./sobol.js";

/** A spec that is well formed but cannot be expanded into runs; `errors` name the fields. */
export class SweepDesignError extends Error {
  override readonly name: string = "SweepDesignError";
  constructor(readonly errors: FieldError[]) {
    super(errors.map(({ path, message }) => `${path}: ${message}`).join("; "));
  }
}

/** More runs than one sweep may have; `count` is exact, and nothing was expanded to find it. */
export class SweepTooLargeError extends SweepDesignError {
  override readonly name = "SweepTooLargeError";
  constructor(
    readonly count: bigint,
    readonly limit: number = maxRunsPerSweep,
  ) {
    super([
      {
        path: "search",
        message: `this sweep would have ${groupDigits(count)} runs; at most ${groupDigits(limit)} are allowed`,
        value: String(count),
        suggestion: "Use fewer values, seeds or repeats, or a random search with a number of samples.",
      },
    ]);
  }
}

function groupDigits(count: bigint | number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Exact number of configurations, without building one. A range that cannot be listed counts as one value. */
export function countConfigurations({ search }: Pick<SweepSpec, "search">): bigint {
  if (search.method === "list") return BigInt(search.configurations.length);
  if (search.method === "random" || search.method === "sobol") return BigInt(search.samples);
  if (search.method === "external") return 0n;
  return Object.values(search.parameters).reduce(
    (product, values) => product * BigInt(gridValues(values)?.length ?? 1),
    1n,
  );
}

/** Exact number of runs of a sweep (configurations × seeds × repeats over all arms), without expanding it. */
export function countRuns(spec: SweepSpec): bigint {
  const repeats = armsOf(spec).reduce((sum, arm) => sum + BigInt(arm.repeats), 0n);
  return countConfigurations(spec) * BigInt(seedsOf(spec).length) * repeats;
}

/** Second and later occurrences, by canonical JSON. */
function repeated(values: readonly unknown[]): { index: number; first: number }[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalJson(value);
    const first = seen.get(text);
    if (first === undefined) seen.set(text, index);
    return first === undefined ? [] : [{ index, first }];
  });
}

function valueErrors(path: string, values: SearchValues, method: "grid" | "random" | "sobol"): FieldError[] {
  if (Array.isArray(values)) {
    return repeated(values).map(({ index }) => ({
      path: `${path}.${index}`,
      message: "is listed twice; use repeats to train a configuration again",
      value: showValue(values[index]),
    }));
  }
  if (distinctValueCount(values) === 0) {
    return [{ path, message: "holds no whole number", value: showValue(values) }];
  }
  if (method === "grid" && gridValues(values) === null) {
    return [
      {
        path: `${path}.steps`,
        message: values.integer
          ? `holds more than ${maxValuesPerParameter} whole numbers: a grid needs steps`
          : "a grid needs to know into how many values the range is cut",
        value: showValue(values),
        suggestion: "Give steps, e.g. 5, or list the values.",
      },
    ];
  }
  return [];
}

function listErrors(spec: SweepSpec): FieldError[] {
  if (spec.search.method !== "list") return [];
  const { configurations } = spec.search;
  const params = configurations.map(({ label: _, ...own }) => ({ ...spec.base, ...own }));
  const labels = configurations.map(({ label }, index) => label ?? index);
  return [
    ...repeated(params).map(({ index, first }) => ({
      path: `search.configurations.${index}`,
      message: `is the same as configuration ${first}; use repeats to train a configuration again`,
      value: showValue(configurations[index]),
    })),
    ...repeated(labels).map(({ index, first }) => ({
      path: `search.configurations.${index}.label`,
      message: `configuration ${first} has this label already`,
      value: showValue(labels[index]),
    })),
  ];
}

function sampleErrors(spec: SweepSpec): FieldError[] {
  if (spec.search.method !== "random" && spec.search.method !== "sobol") return [];
  const dimensions = Object.keys(spec.search.parameters).length;
  if (spec.search.method === "sobol" && dimensions > sobolDimensions) {
    return [
      {
        path: "search.parameters",
        message: `a Sobol search has at most ${sobolDimensions} parameters`,
        value: String(dimensions),
        suggestion: "Use method: random.",
      },
    ];
  }
  const counts = Object.values(spec.search.parameters).map(distinctValueCount);
  if (counts.some((count) => count === null)) return [];
  const space = counts.reduce<bigint>((product, count) => product * BigInt(count ?? 1), 1n);
  if (space >= BigInt(spec.search.samples)) return [];
  return [
    {
      path: "search.samples",
      message: `only ${groupDigits(space)} different configurations exist`,
      value: String(spec.search.samples),
      suggestion: `Ask for at most ${groupDigits(space)} samples, or use method: grid.`,
    },
  ];
}

/** A sequential study without a question would train all its seeds for nothing. */
function questionErrors(spec: SweepSpec): FieldError[] {
  if (!spec.design || !spec.analysisPlan) return [];
  const { contrasts } = spec.analysisPlan;
  const arms = armsOf(spec);
  const reference = arms.some(({ execution }) => isReferenceExecution(execution));
  const asked = {
    mode: reference && arms.length > 1,
    configuration: countConfigurations(spec) > 1n,
  };
  if (contrasts.some((contrast) => asked[contrast])) return [];
  return [
    {
      path: "analysisPlan.contrasts",
      message:
        "asks nothing that this sequential study could settle: mode compares arms with a deterministic one, configuration compares two configurations or more",
      value: contrasts.join(", "),
      suggestion: "Name the other contrast, or add an arm or a configuration.",
    },
  ];
}

/** Why a well-formed spec cannot be expanded: values or configurations given twice, unlisted ranges, too few to draw. */
export function designErrors(spec: SweepSpec): FieldError[] {
  const { search } = spec;
  const inSearch = !("parameters" in search)
    ? listErrors(spec)
    : Object.entries(search.parameters).flatMap(([name, values]) =>
        valueErrors(`search.parameters.${name}`, values, search.method),
      );
  return [...inSearch, ...sampleErrors(spec), ...questionErrors(spec)];
}

/** Throws {@link SweepDesignError} for what {@link designErrors} finds, {@link SweepTooLargeError} for too many runs. */
export function assertExpandable(spec: SweepSpec): void {
  const errors = designErrors(spec);
  if (errors.length > 0) throw new SweepDesignError(errors);
  const count = countRuns(spec);
  if (count > BigInt(maxRunsPerSweep)) throw new SweepTooLargeError(count);
}
