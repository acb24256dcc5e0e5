import { didYouMean, type Hyperparameter, type Parameters, type ParameterValue } from "@reprise/contracts";
import { userError } from "./errors.js";

/** Every hyperparameter of the built-in trainer, as announced by `--describe`. */
export const hyperparameters = {
  model: {
    type: "string",
    choices: ["mlp", "cnn"],
    default: "mlp",
    nullable: false,
    description:
      "Network: mlp (dense layers) or cnn (two blocks of convolution, batch norm, ReLU, pooling; then a dense layer).",
  },
  hiddenUnits: {
    type: "integerList",
    default: [64, 64],
    nullable: false,
    minimum: 1,
    maximum: 4096,
    minimumItems: 0,
    maximumItems: 8,
    description: "Units of each hidden layer (mlp).",
  },
  filters: {
    type: "integerList",
    default: [16, 32],
    nullable: false,
    minimum: 1,
    maximum: 512,
    minimumItems: 2,
    maximumItems: 2,
    description: "3 × 3 filters of the two blocks (cnn).",
  },
  batchNorm: {
    type: "boolean",
    default: true,
    nullable: false,
    description: "Batch normalisation before every ReLU, from the statistics of one logical shard.",
  },
  batchNormMomentum: {
    type: "number",
    default: 0.9,
    nullable: false,
    minimum: 0,
    maximum: 1,
    description: "Share of the old value in the running statistics that evaluation uses.",
  },
  batchNormEpsilon: {
    type: "number",
    default: 1e-5,
    nullable: false,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Added to the variance before its root is taken.",
  },
  dropout: {
    type: "number",
    default: 0,
    nullable: false,
    minimum: 0,
    maximum: 0.95,
    description: "Share of units dropped, after every hidden layer (mlp) or before the last layer (cnn).",
  },
  epochs: {
    type: "integer",
    default: 20,
    nullable: false,
    minimum: 1,
    maximum: 100_000,
    unit: "epochs",
    description: "Passes over the training data.",
  },
  batchSize: {
    type: "integer",
    default: 32,
    nullable: false,
    minimum: 1,
    maximum: 65_536,
    unit: "cases",
    description: "Cases per optimisation step; an incomplete last batch is left out.",
  },
  shards: {
    type: "integer",
    default: 8,
    nullable: false,
    minimum: 1,
    maximum: 256,
    description:
      "Logical shards of a batch. Their gradients are summed; how many threads compute them changes nothing.",
  },
  optimizer: {
    type: "string",
    choices: ["sgd", "adam", "adamw"],
    default: "adam",
    nullable: false,
    description: "Optimisation method.",
  },
  learningRate: {
    type: "number",
    default: 0.01,
    nullable: false,
    minimum: 0,
    description: "Peak learning rate.",
  },
  momentum: {
    type: "number",
    default: 0,
    nullable: false,
    minimum: 0,
    maximum: 1,
    description: "Momentum (sgd).",
  },
  nesterov: {
    type: "boolean",
    default: false,
    nullable: false,
    description: "Nesterov's form of momentum (sgd).",
  },
  beta1: {
    type: "number",
    default: 0.9,
    nullable: false,
    minimum: 0,
    maximum: 0.999999,
    description: "Decay of the mean of gradients (adam, adamw).",
  },
  beta2: {
    type: "number",
    default: 0.999,
    nullable: false,
    minimum: 0,
    maximum: 0.999999,
    description: "Decay of the mean of squared gradients (adam, adamw).",
  },
  epsilon: {
    type: "number",
    default: 1e-8,
    nullable: false,
    exclusiveMinimum: 0,
    description: "Added to the root of the mean of squared gradients (adam, adamw).",
  },
  amsgrad: {
    type: "boolean",
    default: false,
    nullable: false,
    description: "Never let the second moment shrink (adam, adamw).",
  },
  weightDecay: {
    type: "number",
    default: 0,
    nullable: false,
    minimum: 0,
    description:
      "Weight decay of matrices and filters (not of biases and normalisation): added to the gradient (sgd, adam), decoupled (adamw).",
  },
  clipNorm: {
    type: "number",
    default: null,
    nullable: true,
    exclusiveMinimum: 0,
    description: "Largest global norm of the gradient; null for no clipping.",
  },
  scheduler: {
    type: "string",
    choices: ["constant", "step", "cosine"],
    default: "constant",
    nullable: false,
    description: "Course of the learning rate after warm-up.",
  },
  warmupSteps: {
    type: "integer",
    default: 0,
    nullable: false,
    minimum: 0,
    unit: "steps",
    description: "Steps over which the learning rate rises linearly to its peak.",
  },
  decayEvery: {
    type: "integer",
    default: 10,
    nullable: false,
    minimum: 1,
    unit: "epochs",
    description: "Epochs between two reductions of the learning rate (scheduler step).",
  },
  decayFactor: {
    type: "number",
    default: 0.1,
    nullable: false,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Factor of each reduction (scheduler step).",
  },
} satisfies Record<string, Hyperparameter>;

export type HyperparameterName = keyof typeof hyperparameters;
const names = Object.keys(hyperparameters);
const isName = (name: string): name is HyperparameterName => Object.hasOwn(hyperparameters, name);

/** The effective configuration: what the run really uses, typed. */
export interface EffectiveHyperparameters {
  model: "mlp" | "cnn";
  hiddenUnits: number[];
  filters: number[];
  batchNorm: boolean;
  batchNormMomentum: number;
  batchNormEpsilon: number;
  dropout: number;
  epochs: number;
  batchSize: number;
  shards: number;
  optimizer: "sgd" | "adam" | "adamw";
  learningRate: number;
  momentum: number;
  nesterov: boolean;
  beta1: number;
  beta2: number;
  epsilon: number;
  amsgrad: boolean;
  weightDecay: number;
  clipNorm: number | null;
  scheduler: "constant" | "step" | "cosine";
  warmupSteps: number;
  decayEvery: number;
  decayFactor: number;
}

/** Why a hyperparameter has no effect under the others, or null when it has one. */
function whyUnused(name: HyperparameterName, given: EffectiveHyperparameters): string | null {
  const adaptive = given.optimizer !== "sgd";
  switch (name) {
    case "hiddenUnits":
      return given.model === "mlp" ? null : `model is ${given.model}`;
    case "filters":
      return given.model === "cnn" ? null : `model is ${given.model}`;
    case "batchNormMomentum":
    case "batchNormEpsilon":
      return given.batchNorm ? null : "batchNorm is false";
    case "momentum":
    case "nesterov":
      return adaptive ? `optimizer is ${given.optimizer}` : null;
    case "beta1":
    case "beta2":
    case "epsilon":
    case "amsgrad":
      return adaptive ? null : `optimizer is ${given.optimizer}`;
    case "decayEvery":
    case "decayFactor":
      return given.scheduler === "step" ? null : `scheduler is ${given.scheduler}`;
    default:
      return null;
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/** What is wrong with a value, or null. */
function problemWith(rule: Hyperparameter, value: ParameterValue): string | null {
  const isInteger = rule.type === "integer" || rule.type === "integerList";
  const numberProblem = (item: unknown): string | null => {
    if (typeof item !== "number" || !Number.isFinite(item)) return "must be a number";
    if (isInteger && !Number.isInteger(item)) return "must be a whole number";
    if (rule.minimum !== undefined && item < rule.minimum) return `must be at least ${rule.minimum}`;
    if (rule.exclusiveMinimum !== undefined && item <= rule.exclusiveMinimum)
      return `must be above ${rule.exclusiveMinimum}`;
    if (rule.maximum !== undefined && item > rule.maximum) return `must be at most ${rule.maximum}`;
    return null;
  };
  if (value === null) return rule.nullable ? null : "must not be null";
  switch (rule.type) {
    case "number":
    case "integer":
      return numberProblem(value);
    case "boolean":
      return typeof value === "boolean" ? null : "must be true or false";
    case "string":
      if (typeof value !== "string") return "must be a string";
      if (rule.choices && !rule.choices.includes(value))
        return `is unknown. ${didYouMean(value, rule.choices)}`;
      return null;
    case "numberList":
    case "integerList": {
      if (!Array.isArray(value)) return "must be a list";
      if (value.length < (rule.minimumItems ?? 0)) return `must have at least ${rule.minimumItems} items`;
      if (value.length > (rule.maximumItems ?? Number.POSITIVE_INFINITY))
        return `must have at most ${rule.maximumItems} items`;
      return value.map(numberProblem).find((problem) => problem !== null) ?? null;
    }
  }
}

/**
 * Defaults completed by what was requested. A null for a hyperparameter that cannot be null means "unset".
 * Throws a user error naming key, value and nearest key for unknown keys, values out of range, and keys that were asked
 * for but would not be used.
 */
export function effectiveHyperparameters(requested: Parameters): EffectiveHyperparameters {
  const merged: Record<string, ParameterValue> = {};
  for (const name of names) if (isName(name)) merged[name] = hyperparameters[name].default;
  const asked: HyperparameterName[] = [];
  for (const [name, value] of Object.entries(requested)) {
    if (!isName(name)) {
      throw userError(`Unknown hyperparameter "${name}" (value ${show(value)}).`, didYouMean(name, names));
    }
    const rule: Hyperparameter = hyperparameters[name];
    if (value === null && !rule.nullable) continue;
    const problem = problemWith(rule, value);
    if (problem)
      throw userError(`Hyperparameter "${name}" ${problem}; given: ${show(value)}.`, rule.description);
    merged[name] = value;
    asked.push(name);
  }
  const effective = typed(merged);
  for (const name of asked) {
    const reason = whyUnused(name, effective);
    if (reason) {
      throw userError(
        `Hyperparameter "${name}" (value ${show(merged[name])}) would not be used: ${reason}.`,
        "Leave it out, or set it to null for this configuration.",
      );
    }
  }
  if (effective.nesterov && effective.momentum === 0) {
    throw userError(
      'Hyperparameter "nesterov" (value true) would not be used: momentum is 0.',
      "Set momentum above 0.",
    );
  }
  return effective;
}

/** The effective configuration without the keys that have no effect, for the record. */
export function usedParameters(effective: EffectiveHyperparameters): Parameters {
  const entries = Object.entries(effective).filter(
    ([name]) => isName(name) && whyUnused(name, effective) === null,
  );
  return Object.fromEntries(entries);
}

/** From checked values to types; the checks above make every branch reachable only with the right type. */
function typed(values: Record<string, ParameterValue>): EffectiveHyperparameters {
  const number = (name: HyperparameterName) => Number(values[name]);
  const flag = (name: HyperparameterName) => values[name] === true;
  const list = (name: HyperparameterName) => {
    const value = values[name];
    return Array.isArray(value) ? value.map(Number) : [];
  };
  const oneOf = <const C extends string>(name: HyperparameterName, choices: readonly C[]): C => {
    const choice = choices.find((candidate) => candidate === values[name]);
    if (choice === undefined)
      throw userError(`Hyperparameter "${name}" must be one of ${choices.join(", ")}.`);
    return choice;
  };
  return {
    model: oneOf("model", ["mlp", "cnn"]),
    hiddenUnits: list("hiddenUnits"),
    filters: list("filters"),
    batchNorm: flag("batchNorm"),
    batchNormMomentum: number("batchNormMomentum"),
    batchNormEpsilon: number("batchNormEpsilon"),
    dropout: number("dropout"),
    epochs: number("epochs"),
    batchSize: number("batchSize"),
    shards: number("shards"),
    optimizer: oneOf("optimizer", ["sgd", "adam", "adamw"]),
    learningRate: number("learningRate"),
    momentum: number("momentum"),
    nesterov: flag("nesterov"),
    beta1: number("beta1"),
    beta2: number("beta2"),
    epsilon: number("epsilon"),
    amsgrad: flag("amsgrad"),
    weightDecay: number("weightDecay"),
    clipNorm: values.clipNorm === null ? null : number("clipNorm"),
    scheduler: oneOf("scheduler", ["constant", "step", "cosine"]),
    warmupSteps: number("warmupSteps"),
    decayEvery: number("decayEvery"),
    decayFactor: number("decayFactor"),
  };
}
