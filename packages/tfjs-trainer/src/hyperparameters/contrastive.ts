import type { HyperparameterRules } from "@reprise/contracts";

const contrastive = { task: ["contrastive"] } as const;
const ownShape = { task: ["contrastive"], model: ["clip"] } as const;

/** Image-text training: the shape of the two encoders, and how ranks share a batch. */
export const contrastiveHyperparameters = {
  patchSize: {
    type: "integer",
    default: 2,
    minimum: 1,
    maximum: 128,
    unit: "pixels",
    description: "Side of the patches an image is cut into.",
    usedWhen: ownShape,
  },
  width: {
    type: "integer",
    default: 64,
    minimum: 1,
    maximum: 4096,
    description: "Width of both transformers.",
    usedWhen: ownShape,
  },
  layers: {
    type: "integer",
    default: 2,
    minimum: 1,
    maximum: 48,
    description: "Residual attention blocks of each transformer.",
    usedWhen: ownShape,
  },
  heads: {
    type: "integer",
    default: 4,
    minimum: 1,
    maximum: 64,
    divides: "width",
    description: "Attention heads of each transformer; divides width.",
    usedWhen: ownShape,
  },
  contextLength: {
    type: "integer",
    default: 77,
    minimum: 3,
    maximum: 512,
    unit: "tokens",
    description: "Tokens of a text, start and end included; longer texts lose their tail.",
    usedWhen: ownShape,
  },
  embedDim: {
    type: "integer",
    default: 64,
    minimum: 1,
    maximum: 4096,
    description: "Dimensions of the space in which images and texts meet.",
    usedWhen: ownShape,
  },
  batchSizePerRank: {
    type: "integer",
    default: 32,
    minimum: 1,
    maximum: 65_536,
    unit: "pairs",
    limitedBy: "trainingCasesPerRank",
    description: "Image-text pairs per rank and step; the loss compares those of all ranks.",
    usedWhen: contrastive,
  },
  pretrained: {
    type: "string",
    default: null,
    nullable: true,
    description:
      "Weights to start from: openai for openai-clip/ViT-B-32.safetensors, or the name of a safetensors file, below REPRISE_DATA; null for random ones.",
    usedWhen: contrastive,
  },
  gatherWithGrad: {
    type: "boolean",
    default: true,
    description: "Gradients flow back through the features gathered from other ranks.",
    usedWhen: contrastive,
  },
  localLoss: {
    type: "boolean",
    default: false,
    description: "A rank computes the loss of its own rows against all features instead of the whole matrix.",
    usedWhen: contrastive,
  },
  precision: {
    type: "string",
    choices: ["fp32", "amp", "amp_bfloat16"],
    default: "fp32",
    fits: [
      {
        values: ["fp32"],
        when: contrastive,
        because: "this backend computes in 32-bit floating point only; OpenCLIP on GPUs knows the others",
      },
    ],
    description: "Arithmetic. This trainer computes in fp32 and refuses the others.",
    usedWhen: contrastive,
  },
  gradCheckpointing: {
    type: "boolean",
    default: false,
    description:
      "Computes a block's inner values again for its gradient instead of keeping them; same numbers, less memory, more time.",
    usedWhen: contrastive,
  },
  batchNormSync: {
    type: "boolean",
    default: false,
    fits: [
      {
        values: [false],
        when: contrastive,
        because: "a vision transformer has no batch normalisation to synchronise",
      },
    ],
    description:
      "Batch statistics over all ranks. Refused when true: vision transformers have no batch norm.",
    usedWhen: contrastive,
  },
  ddpStaticGraph: {
    type: "boolean",
    default: false,
    fits: [
      {
        values: [false],
        when: contrastive,
        because:
          "it tells PyTorch's DistributedDataParallel that its graph stays the same, and there is none here",
      },
    ],
    description: "PyTorch's static-graph optimisation. Refused when true: there is no such graph here.",
    usedWhen: contrastive,
  },
} as const satisfies HyperparameterRules;
