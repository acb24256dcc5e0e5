import type { HyperparameterRules } from "@reprise/contracts";

/** How the training data are presented: batches, passes, augmentation. */
export const dataHyperparameters = {
  epochs: {
    type: "integer",
    default: 20,
    minimum: 1,
    maximum: 100_000,
    unit: "epochs",
    description: "Passes over the training data.",
  },
  batchSize: {
    type: "integer",
    default: 32,
    minimum: 1,
    maximum: 65_536,
    unit: "cases",
    limitedBy: "trainingCases",
    // A case in every shard; a variance within it where batch norm needs one.
    atLeast: [
      { times: 2, of: "shards", when: { batchNorm: [true] } },
      { times: 1, of: "shards" },
    ],
    description: "Cases per optimisation step; an incomplete last batch is left out.",
    usedWhen: { task: ["classification"] },
  },
  imageSize: {
    type: "integer",
    default: null,
    nullable: true,
    minimum: 4,
    maximum: 1024,
    unit: "pixels",
    fits: [
      {
        values: [null, 224],
        when: { model: ["clip-vit-b-32"] },
        because: "its images are 224 × 224",
      },
    ],
    description: "Side to which images are brought when they are read; null for the data set's own.",
  },
  inputMean: {
    type: "numberList",
    default: null,
    nullable: true,
    minimum: 0,
    maximum: 1,
    minimumItems: 1,
    maximumItems: 3,
    description:
      "Per channel, what is subtracted from images, as a fraction of full brightness; null: the mean of the training cases.",
  },
  inputStd: {
    type: "numberList",
    default: null,
    nullable: true,
    exclusiveMinimum: 0,
    maximum: 1,
    minimumItems: 1,
    maximumItems: 3,
    description:
      "Per channel, what images are divided by after inputMean was subtracted; null: the standard deviation of the training cases.",
  },
  cropScale: {
    type: "numberList",
    default: null,
    nullable: true,
    exclusiveMinimum: 0,
    maximum: 1,
    minimumItems: 2,
    maximumItems: 2,
    fits: [{ values: [null], data: "table" }],
    description:
      "RandomResizedCrop: least and largest share of the picture's area that is cut out and resized, e.g. [0.7, 1]; null for no cropping.",
  },
  cropPadding: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 128,
    unit: "pixels",
    fits: [{ values: [0], data: "table" }],
    description: "Pixels by which training images are moved at random, black coming in; 0 for none.",
    usedWhen: { cropScale: [null] },
  },
  flip: {
    type: "string",
    choices: ["none", "horizontal", "both"],
    default: "none",
    fits: [{ values: ["none"], data: "table" }],
    description: "Mirrors training images at random: left and right, or also upside down.",
  },
  colorJitter: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 1,
    fits: [{ values: [0], data: "table" }],
    description:
      "Brightness, contrast and saturation of training images change by a random factor of up to 1 ± this; 0 for none.",
  },
} as const satisfies HyperparameterRules;
