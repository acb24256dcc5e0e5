import type { HyperparameterRules } from "@reprise/contracts";

const adaptive = { optimizer: ["adam", "adamw"] } as const;

export const optimisationHyperparameters = {
  optimizer: {
    type: "string",
    choices: ["sgd", "adam", "adamw"],
    default: "adam",
    description: "Optimisation method.",
  },
  learningRate: {
    type: "number",
    default: 0.01,
    minimum: 0,
    description: "Peak learning rate.",
  },
  momentum: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 1,
    description: "Momentum.",
    usedWhen: { optimizer: ["sgd"] },
  },
  nesterov: {
    type: "boolean",
    default: false,
    description: "Nesterov's form of momentum.",
    usedWhen: { optimizer: ["sgd"], momentum: { not: [0] } },
  },
  beta1: {
    type: "number",
    default: 0.9,
    minimum: 0,
    maximum: 0.999999,
    description: "Decay of the mean of gradients.",
    usedWhen: adaptive,
  },
  beta2: {
    type: "number",
    default: 0.999,
    minimum: 0,
    maximum: 0.999999,
    description: "Decay of the mean of squared gradients.",
    usedWhen: adaptive,
  },
  epsilon: {
    type: "number",
    default: 1e-8,
    exclusiveMinimum: 0,
    description: "Added to the root of the mean of squared gradients.",
    usedWhen: adaptive,
  },
  amsgrad: {
    type: "boolean",
    default: false,
    description: "Never let the second moment shrink.",
    usedWhen: adaptive,
  },
  weightDecay: {
    type: "number",
    default: 0,
    minimum: 0,
    description: "Weight decay: added to the gradient (sgd, adam), decoupled (adamw).",
  },
  decayedParameters: {
    type: "string",
    choices: ["weights", "all"],
    default: "weights",
    description:
      "What weight decay shrinks: weights (matrices and filters, as is usual with adamw), or all, biases and normalisation included, as PyTorch's optimizers do by default.",
    usedWhen: { weightDecay: { not: [0] } },
  },
  clipNorm: {
    type: "number",
    default: null,
    nullable: true,
    exclusiveMinimum: 0,
    description: "Largest global norm of the gradient; null for no clipping.",
  },
} as const satisfies HyperparameterRules;
