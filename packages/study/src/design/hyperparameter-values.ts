import {
  didYouMean,
  type FieldError,
  type Hyperparameter,
  type ParameterValue,
  rangeEndProblem,
  type SweepSpec,
  searchedParameters,
  showValue,
  type TrainerCapabilities,
  valueProblem,
} from "@reprise/contracts";
import { gridValues, type SearchValues } from "./search-values.js";
import { isSeedName } from "./seed-names.js";

type Problem = Pick<FieldError, "message" | "suggestion">;

function searchErrors(path: string, rule: Hyperparameter, values: SearchValues): FieldError[] {
  if (Array.isArray(values)) {
    return values.flatMap((value, index) => at(`${path}.${index}`, value, valueProblem(rule, value)));
  }
  if (rule.type !== "number" && rule.type !== "integer" && rule.type !== "any") {
    return at(path, values, {
      message: "cannot be a range: list the values",
      suggestion: rule.choices ? `Known: ${rule.choices.join(", ")}.` : undefined,
    });
  }
  const listed = gridValues(values) ?? [];
  const allWhole = listed.length > 0 && listed.every(Number.isInteger);
  if (rule.type === "integer" && !values.integer && !allWhole) {
    return at(`${path}.integer`, values, { message: "must be true: only whole numbers are allowed here" });
  }
  return [
    ...at(`${path}.min`, values.min, rangeEndProblem(rule, values.min)),
    ...at(`${path}.max`, values.max, rangeEndProblem(rule, values.max)),
  ];
}

function at(path: string, value: unknown, problem: Problem | null): FieldError[] {
  return problem ? [{ path, value: showValue(value), ...problem }] : [];
}

/** Where a spec sets something: in base, in a configuration that is written out, or in what it searches. */
function namesIn({ base, search }: SweepSpec): { path: string; name: string; value: unknown }[] {
  const at = (path: string, values: Record<string, unknown>) =>
    Object.entries(values).map(([name, value]) => ({ path: `${path}.${name}`, name, value }));
  const listed = search.method === "list" ? search.configurations : [];
  return [
    ...at("base", base),
    ...listed.flatMap(({ label: _, ...own }, index) => at(`search.configurations.${index}`, own)),
    ...at("search.parameters", searchedParameters(search)),
  ];
}

/** A seed is no hyperparameter: among them, it would make every seed a configuration of its own. */
function seedError(path: string, value: unknown): FieldError {
  const seeds = (Array.isArray(value) ? value : [value]).filter(
    (seed) => Number.isSafeInteger(seed) && seed >= 0,
  );
  return {
    path,
    message: "the seed is not a hyperparameter: runs that differ by their seed are one configuration",
    value: showValue(value),
    suggestion: `List seeds at the top of the study: seeds: [${seeds.length > 0 ? seeds.slice(0, 8).join(", ") : "0, 1, 2"}].`,
  };
}

/** Seeds among the hyperparameters of a spec whose trainer announces none of that name. */
export function seedErrors(spec: SweepSpec): FieldError[] {
  return namesIn(spec).flatMap(({ path, name, value }) => (isSeedName(name) ? seedError(path, value) : []));
}

/** Every hyperparameter of a spec that the trainer does not know or would not take, with its place in the document. */
export function hyperparameterErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const known = Object.keys(trainer.hyperparameters);
  const check = (
    path: string,
    { name, value }: { name: string; value: unknown },
    examine: (rule: Hyperparameter) => FieldError[],
  ) => {
    const rule = trainer.hyperparameters[name];
    if (rule) return examine(rule);
    if (isSeedName(name)) return [seedError(`${path}.${name}`, value)];
    return [
      {
        path: `${path}.${name}`,
        message: `trainer ${trainer.name} has no hyperparameter ${name}`,
        suggestion: didYouMean(name, known),
      },
    ];
  };
  const fixed = (path: string, values: Record<string, ParameterValue | undefined>) =>
    Object.entries(values).flatMap(([name, value = null]) =>
      check(path, { name, value }, (rule) => at(`${path}.${name}`, value, valueProblem(rule, value))),
    );
  const { search } = spec;
  const searched =
    search.method === "list"
      ? search.configurations.flatMap(({ label: _, ...own }, index) =>
          fixed(`search.configurations.${index}`, own),
        )
      : Object.entries(searchedParameters(search)).flatMap(([name, values]) =>
          check("search.parameters", { name, value: values }, (rule) =>
            searchErrors(`search.parameters.${name}`, rule, values),
          ),
        );
  return [...fixed("base", spec.base), ...searched, ...missingErrors(spec, trainer)];
}

/** Hyperparameters that have no default and that a configuration does not set. */
function missingErrors(
  { base, search }: SweepSpec,
  { name: trainer, hyperparameters }: TrainerCapabilities,
): FieldError[] {
  const required = Object.keys(hyperparameters).filter((name) => hyperparameters[name]?.required);
  const isSet = (name: string, values: Record<string, unknown>) => (values[name] ?? null) !== null;
  const own = search.method === "list" ? search.configurations : [searchedParameters(search)];
  return required
    .filter(
      (name) =>
        search.method !== "external" && !isSet(name, base) && !own.every((values) => isSet(name, values)),
    )
    .map((name) => ({
      path: `base.${name}`,
      message: `trainer ${trainer} needs a value: it has no default`,
      suggestion: `Set it under base, or vary it in search.`,
    }));
}
