import {
  didYouMean,
  type FieldError,
  type Hyperparameter,
  type ParameterValue,
  type SweepSpec,
  showValue,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { gridValues, type SearchValues } from "./search-values.js";

type Problem = Pick<FieldError, "message" | "suggestion">;

function numberProblem(rule: Hyperparameter, value: unknown): Problem | null {
  const whole = rule.type === "integer" || rule.type === "integerList";
  if (typeof value !== "number") return { message: whole ? "must be a whole number" : "must be a number" };
  if (whole && !Number.isInteger(value)) return { message: "must be a whole number" };
  if (rule.minimum !== undefined && value < rule.minimum) {
    return { message: `must be at least ${rule.minimum}` };
  }
  if (rule.exclusiveMinimum !== undefined && value <= rule.exclusiveMinimum) {
    return { message: `must be above ${rule.exclusiveMinimum}` };
  }
  if (rule.maximum !== undefined && value > rule.maximum) {
    return { message: `must be at most ${rule.maximum}` };
  }
  return null;
}

/** What is wrong with a value under the rule that a trainer announced for it; null means unset and is always allowed. */
export function valueProblem(rule: Hyperparameter, value: ParameterValue): Problem | null {
  if (value === null) return null;
  switch (rule.type) {
    case "number":
    case "integer":
      return numberProblem(rule, value);
    case "boolean":
      return typeof value === "boolean" ? null : { message: "must be true or false" };
    case "string": {
      if (typeof value !== "string") return { message: "must be a text", suggestion: choicesOf(rule) };
      if (!rule.choices || rule.choices.includes(value)) return null;
      return {
        message: `must be one of ${rule.choices.join(", ")}`,
        suggestion: didYouMean(value, rule.choices),
      };
    }
    case "numberList":
    case "integerList": {
      if (!Array.isArray(value)) return { message: "must be a list of numbers, e.g. [64, 64]" };
      const { minimumItems = 0, maximumItems = Number.POSITIVE_INFINITY } = rule;
      if (value.length < minimumItems) return { message: `must have at least ${minimumItems} items` };
      if (value.length > maximumItems) return { message: `must have at most ${maximumItems} items` };
      const problem = value.map((item) => numberProblem(rule, item)).find((found) => found !== null);
      return problem ? { ...problem, message: `every item ${problem.message}` } : null;
    }
  }
}

function choicesOf(rule: Hyperparameter): string | undefined {
  return rule.choices ? `Known: ${rule.choices.join(", ")}.` : undefined;
}

function searchErrors(path: string, rule: Hyperparameter, values: SearchValues): FieldError[] {
  if (Array.isArray(values)) {
    return values.flatMap((value, index) => at(`${path}.${index}`, value, valueProblem(rule, value)));
  }
  if (rule.type !== "number" && rule.type !== "integer") {
    return at(path, values, {
      message: "cannot be a range: list the values",
      suggestion: choicesOf(rule),
    });
  }
  const listed = gridValues(values) ?? [];
  const allWhole = listed.length > 0 && listed.every(Number.isInteger);
  if (rule.type === "integer" && !values.integer && !allWhole) {
    return at(`${path}.integer`, values, { message: "must be true: only whole numbers are allowed here" });
  }
  return [
    ...at(`${path}.min`, values.min, numberProblem({ ...rule, type: "number" }, values.min)),
    ...at(`${path}.max`, values.max, numberProblem({ ...rule, type: "number" }, values.max)),
  ];
}

function at(path: string, value: unknown, problem: Problem | null): FieldError[] {
  return problem ? [{ path, value: showValue(value), ...problem }] : [];
}

/** Every hyperparameter of a spec that the trainer does not know or would not take, with its place in the document. */
export function hyperparameterErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const known = Object.keys(trainer.hyperparameters);
  const check = (path: string, name: string, examine: (rule: Hyperparameter) => FieldError[]) => {
    const rule = trainer.hyperparameters[name];
    if (rule) return examine(rule);
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
      check(path, name, (rule) => at(`${path}.${name}`, value, valueProblem(rule, value))),
    );
  const { search } = spec;
  const searched =
    search.method === "list"
      ? search.configurations.flatMap(({ label: _, ...own }, index) =>
          fixed(`search.configurations.${index}`, own),
        )
      : Object.entries(search.parameters).flatMap(([name, values]) =>
          check("search.parameters", name, (rule) => searchErrors(`search.parameters.${name}`, rule, values)),
        );
  return [...fixed("base", spec.base), ...searched];
}
