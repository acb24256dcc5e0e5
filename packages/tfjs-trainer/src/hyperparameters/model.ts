import type { HyperparameterRules } from "@reprise/contracts";

export const modelHyperparameters = {
  model: {
    type: "string",
    choices: ["mlp", "cnn", "clip", "clip-vit-b-32"],
    default: "mlp",
    description:
      "Network: mlp (dense layers), cnn (two blocks of convolution, batch norm, ReLU, pooling; then a dense layer), clip (image and text transformer) or clip-vit-b-32 (the published shape).",
  },
  hiddenUnits: {
    type: "integerList",
    default: [64, 64],
    minimum: 1,
    maximum: 4096,
    minimumItems: 0,
    maximumItems: 8,
    description: "Units of each hidden layer.",
    usedWhen: { model: ["mlp"] },
  },
  filters: {
    type: "integerList",
    default: [16, 32],
    minimum: 1,
    maximum: 512,
    minimumItems: 2,
    maximumItems: 2,
    description: "3 × 3 filters of the two blocks.",
    usedWhen: { model: ["cnn"] },
  },
  batchNorm: {
    type: "boolean",
    default: true,
    description: "Batch normalisation before every ReLU, from the statistics of one logical shard.",
    usedWhen: { task: ["classification"] },
  },
  batchNormMomentum: {
    type: "number",
    default: 0.9,
    minimum: 0,
    maximum: 1,
    description: "Share of the old value in the running statistics that evaluation uses.",
    usedWhen: { task: ["classification"], batchNorm: [true] },
  },
  batchNormEpsilon: {
    type: "number",
    default: 1e-5,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Added to the variance before its root is taken.",
    usedWhen: { task: ["classification"], batchNorm: [true] },
  },
  dropout: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 0.95,
    description: "Share of units dropped, after every hidden layer (mlp) or before the last layer (cnn).",
    usedWhen: { task: ["classification"] },
  },
} as const satisfies HyperparameterRules;
