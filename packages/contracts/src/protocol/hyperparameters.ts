import { type FieldError, showValue } from "../basics/problem.js";
import { didYouMean } from "../basics/suggestions.js";
import type { DataKind, Hyperparameter } from "./capabilities.js";
import type { ParameterValue } from "./run-request.js";

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A hyperparameter as announced, also where it is written down as a constant. */
export type HyperparameterRule = DeepReadonly<Omit<Hyperparameter, "nullable">> & {
  readonly nullable?: boolean;
};
export type HyperparameterRules = Readonly<Record<string, HyperparameterRule>>;

type Problem = Pick<FieldError, "message" | "suggestion">;

function numberProblem(rule: HyperparameterRule, value: unknown): Problem | null {
  const whole = rule.type === "integer" || rule.type === "integerList";
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return { message: whole ? "must be a whole number" : "must be a number" };
  }
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

const choicesOf = (rule: HyperparameterRule) =>
  rule.choices ? `Known: ${rule.choices.join(", ")}.` : undefined;

/** What is wrong with a value under the rule that a trainer announced for it; null means unset and is always allowed. */
export function valueProblem(rule: HyperparameterRule, value: ParameterValue): Problem | null {
  if (value === null) return null;
  switch (rule.type) {
    case "any":
      return null;
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

/**
 * A number where a range of numbers is meant: type and limits, but not whether it is whole. For the ends of a search
 * range.
 */
export function rangeEndProblem(rule: HyperparameterRule, value: number): Problem | null {
  return numberProblem({ ...rule, type: "number" }, value);
}

/** Values that a trainer would use: what was asked for, and defaults for the rest, also where null says "unset". */
export function effectiveValues(
  rules: HyperparameterRules,
  requested: Readonly<Record<string, ParameterValue | undefined>>,
): Record<string, ParameterValue> {
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]): [string, ParameterValue] => {
      const value = requested[name];
      const chosen = value ?? rule.default;
      return [name, isList(chosen) ? [...chosen] : chosen];
    }),
  );
}

const isList = (value: unknown): value is readonly (number | string | boolean | null)[] =>
  Array.isArray(value);

/**
 * Why a hyperparameter has no effect beside the given effective values and task, e.g. "optimizer is adam"; null when it
 * has one.
 */
export function whyUnused(
  rule: HyperparameterRule,
  values: Readonly<Record<string, unknown>>,
  task: string,
): string | null {
  for (const [name, condition] of Object.entries(rule.usedWhen ?? {})) {
    const value = name === "task" ? task : values[name];
    const holds = "not" in condition ? !isAmong(value, condition.not) : isAmong(value, condition);
    if (!holds) return `${name} is ${typeof value === "string" ? value : showValue(value)}`;
  }
  return null;
}

/** What inputs of a shape are; null where the shape does not tell, as of files that are not there yet. */
export function dataKindOf({ length }: readonly number[]): DataKind | null {
  if (length === 3) return "images";
  return length === 1 ? "table" : null;
}

const kindWords: Readonly<Record<DataKind, string>> = {
  table: "a table of numbers",
  images: "images",
};

/** "a, b or c", and where there are many, how many more. */
function alternatives(values: readonly unknown[]): string {
  const shown = values.slice(0, 8).map((value) => (typeof value === "string" ? value : showValue(value)));
  const more = values.length - shown.length;
  if (more > 0) return `${shown.join(", ")} or one of ${more} more`;
  return shown.length === 1 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

/**
 * Why an effective value does not fit the others of its configuration, the task, or the data (null: not known which); null
 * where it does.
 */
export function misfit(
  rules: HyperparameterRules,
  name: string,
  { values, task, data }: { values: Readonly<Record<string, unknown>>; task: string; data: DataKind | null },
): Problem | null {
  const rule = rules[name];
  const value = values[name];
  if (!rule || whyUnused(rule, values, task) !== null) return null;
  for (const { values: fitting, when, data: kind, because } of rule.fits ?? []) {
    const holds =
      (kind === undefined || kind === data) && whyUnused({ ...rule, usedWhen: when }, values, task) === null;
    if (!holds || fitting.some((each) => showValue(each) === showValue(value))) continue;
    const context = [
      ...Object.keys(when ?? {}).map(
        (other) => `${other} ${other === "task" ? task : String(values[other])}`,
      ),
      ...(kind === undefined ? [] : [kindWords[kind]]),
    ];
    const isDefault = fitting.length === 1 && showValue(fitting[0]) === showValue(rule.default);
    return {
      message: `does not fit ${context.join(" and ")}${because ? `: ${because}` : ""}`,
      suggestion: `Set ${name} to ${alternatives(fitting)}${isDefault ? ", or leave it out" : ""}.`,
    };
  }
  const whole = rule.divides === undefined ? undefined : values[rule.divides];
  if (typeof value !== "number" || typeof whole !== "number" || whole % value === 0) return null;
  return {
    message: `does not divide ${rule.divides} (${whole})`,
    suggestion: `Set ${name} to a number that divides ${rule.divides} without remainder.`,
  };
}

const isAmong = (value: unknown, listed: readonly unknown[]) => listed.includes(value);
