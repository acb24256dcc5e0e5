import type { HyperparameterRules } from "@reprise/contracts";

/** 6n + 2 layers, the form for CIFAR (He et al. 2016, section 4.2): 8 to 1202. */
const threeStageDepths = Array.from({ length: 200 }, (_, index) => 6 * (index + 1) + 2);

export const modelHyperparameters = {
  model: {
    type: "string",
    choices: ["mlp", "cnn", "resnet", "preact-resnet", "mobilenet", "clip", "clip-vit-b-32"],
    default: "mlp",
    fits: [
      { values: ["mlp"], data: "table" },
      {
        values: ["mlp", "cnn", "resnet", "preact-resnet", "mobilenet"],
        when: { task: ["classification"] },
      },
      {
        values: ["clip", "clip-vit-b-32"],
        when: { task: ["contrastive"] },
        because: "it has no text encoder",
      },
    ],
    description:
      "Network: mlp (dense layers), cnn (two blocks of convolution, batch norm, ReLU, pooling; then a dense layer), resnet, preact-resnet (pre-activation), mobilenet, clip (image and text transformer) or clip-vit-b-32 (the published shape).",
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
  downsampling: {
    type: "string",
    choices: ["maxPool", "stride"],
    default: "maxPool",
    description: "What halves the images after each block: 2 × 2 max pooling, or convolutions of stride 2.",
    usedWhen: { model: ["cnn"] },
  },
  depth: {
    type: "integer",
    default: 18,
    minimum: 8,
    maximum: 1202,
    unit: "layers",
    fits: [
      { values: [18, 34], when: { model: ["preact-resnet"] } },
      { values: [18, 34, ...threeStageDepths], when: { model: ["resnet"] } },
    ],
    description:
      "Layers with weights: 18 or 34; for resnet also 6n + 2, the form for CIFAR (8, 20, 32, 44, 56, 110).",
    usedWhen: { model: ["resnet", "preact-resnet"] },
  },
  variant: {
    type: "string",
    choices: ["v1", "v2", "v3-large"],
    default: "v2",
    description:
      "Version of MobileNet: v1 (depthwise separable layers), v2 (inverted residuals), v3-large (with squeeze-and-excitation and hard swish).",
    usedWhen: { model: ["mobilenet"] },
  },
  stem: {
    type: "string",
    choices: ["cifar", "imagenet"],
    default: "cifar",
    fits: [
      {
        values: ["cifar"],
        when: { model: ["resnet"], depth: { not: [18, 34] } },
        because: "depths 6n + 2 are defined for small images",
      },
    ],
    description:
      "First layers: imagenet halves the images twice as published, cifar leaves these two strides out, for small images.",
    usedWhen: { model: ["resnet", "preact-resnet", "mobilenet"] },
  },
  widthMultiplier: {
    type: "number",
    default: 1,
    minimum: 0.05,
    maximum: 10,
    description: "Factor of all numbers of filters (mobilenet: rounded to multiples of 8).",
    usedWhen: { model: ["resnet", "preact-resnet", "mobilenet"] },
  },
  batchNorm: {
    type: "boolean",
    default: true,
    fits: [
      {
        values: [true],
        when: { model: ["resnet", "preact-resnet", "mobilenet"] },
        because: "it is defined with batch norm",
      },
    ],
    description:
      "Batch normalisation, from the statistics of one logical shard; resnet, preact-resnet and mobilenet always have it.",
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
    description:
      "Share of units dropped, after every hidden layer (mlp) or before the last layer (the others).",
    usedWhen: { task: ["classification"] },
  },
} as const satisfies HyperparameterRules;
