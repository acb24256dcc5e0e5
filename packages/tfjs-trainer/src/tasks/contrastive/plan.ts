import { join } from "node:path";
import { didYouMean, type RunRequest } from "@reprise/contracts";
import type { ImageBlocks } from "../../data/datasets/image-blocks.js";
import type { PictureFiles } from "../../data/datasets/image-text/picture-files.js";
import type { Scaling } from "../../data/standardisation.js";
import type { Pictures } from "../../data/thumbnails.js";
import { effectiveHyperparameters, refuseMisfits } from "../../hyperparameters/effective.js";
import type { EffectiveHyperparameters } from "../../hyperparameters/table.js";
import { integers } from "../../loop/memory.js";
import { planTraining, type TrainingPlan, trainingDisclosures } from "../../loop/plan.js";
import { userError } from "../../program/errors.js";
import type { RunSetting } from "../prepared-run.js";
import { type AssessmentPlan, planAssessment } from "./assessment-plan.js";
import { contrastiveMetricKeys } from "./metrics.js";
import { openPretrained, type PretrainedWeights } from "./pretrained.js";
import { readTrainingPairs, type TrainingPairs } from "./read-pairs.js";
import { type ClipShape, vitB32 } from "./shape.js";
import { clipTensors } from "./tensors.js";
import { createTextTable } from "./text-table.js";
import { loadClipTokenizer, vocabularySize } from "./tokenizer.js";

/** Everything that decides a contrastive run. */
export type ContrastivePlan = TrainingPlan &
  AssessmentPlan & {
    shape: ClipShape;
    ranks: number;
    /** Pairs per rank and step. */
    rows: number;
    inputShape: number[];
    scaling: Scaling;
    /** Byte of full brightness. */
    white: number;
    /** [cases × perCase] numbers of texts. */
    captions: { texts: Int32Array; perCase: number };
    /** Where the pictures lie that are decoded when their turn comes; null where all are in memory. */
    pictureFiles: PictureFiles | null;
    /** Weights to start from; null for random ones. */
    pretrained: PretrainedWeights | null;
    tokens: number;
    longestText: number;
    pairDisclosures: string[];
  };

/** The published shape reads images of one size, which need not be asked for. */
function withImageSize(hyper: EffectiveHyperparameters): EffectiveHyperparameters {
  if (hyper.model !== "clip-vit-b-32") return hyper;
  const { imageSize } = vitB32;
  return { ...hyper, imageSize };
}

function shapeOf(hyper: EffectiveHyperparameters, { name, inputShape }: TrainingPairs): ClipShape {
  const [height = 0, width = 0, channels = 0] = inputShape;
  if (inputShape.length !== 3 || height !== width) {
    throw userError(
      `Contrastive training needs square pictures; inputs of "${name}" are [${inputShape.join(", ")}].`,
    );
  }
  if (hyper.model === "clip-vit-b-32") return { ...vitB32, channels };
  const { patchSize, layers, heads, contextLength, embedDim } = hyper;
  if (height % patchSize !== 0) {
    throw userError(
      `Hyperparameter "patchSize" (value ${patchSize}) does not divide the image size ${height}.`,
      "Choose a patchSize that divides the images' side.",
    );
  }
  return {
    imageSize: height,
    channels,
    patchSize,
    visionWidth: hyper.width,
    visionLayers: layers,
    visionHeads: heads,
    contextLength,
    vocabulary: vocabularySize,
    textWidth: hyper.width,
    textLayers: layers,
    textHeads: heads,
    embedDim,
  };
}

function checkSelection(
  { selection, objective, threshold }: RunRequest,
  { questions, ids }: TrainingPairs,
): void {
  if (threshold.rule !== "fixed") {
    throw userError(
      `Threshold rule "${threshold.rule}" has no meaning here: a picture gets the class whose prompts are nearest.`,
      "Use rule: fixed.",
    );
  }
  if (selection.epoch !== "bestValidation") return;
  const known = contrastiveMetricKeys(questions, "validation");
  if (ids.validation.length === 0 || !objective || !known.includes(objective.metric)) {
    throw userError(
      `Selection bestValidation needs validation cases and an objective on them; given: ${objective?.metric ?? "none"}.`,
      didYouMean(objective?.metric ?? "", known),
    );
  }
}

/** What the compute threads need beside the plan, in memory that they share. */
export type PairData = {
  /** Null where pictures are decoded when their turn comes. */
  pictures: ImageBlocks | null;
  /** Of the sets on which questions are asked; null where pictures are read as they are needed. */
  sets: (ImageBlocks | null)[];
  /** Tokenised texts. */
  texts: Int32Array;
  ends: Int32Array;
};

/**
 * Checks a request and works out the contrastive run it asks for. Rejects with a user error and a hint for everything that
 * cannot be met.
 */
export async function planContrastive(
  request: RunRequest,
  setting: RunSetting,
): Promise<{ plan: ContrastivePlan; data: PairData; shown: Pictures[] }> {
  const { folders } = setting;
  const given = effectiveHyperparameters(request.parameters, request.task);
  refuseMisfits(given, { task: request.task, data: "images" });
  const hyper = withImageSize(given);
  const pairs = await readTrainingPairs({ request, hyper, setting });
  const { ids, inputShape, scaling, captions, pictures, sets } = pairs;
  checkSelection(request, pairs);

  const wanted = shapeOf(hyper, pairs);
  const tokenizer = loadClipTokenizer(join(folders.bundled, "..", "vocabularies"));
  const table = createTextTable(tokenizer, {
    contextLength: wanted.contextLength,
    compact: hyper.pretrained === null,
  });
  const captionTexts = integers(captions.texts.length);
  for (const [i, caption] of captions.texts.entries()) captionTexts[i] = table.add(caption);
  const ranks = request.resources.ranks;
  const evaluation = planAssessment(pairs, {
    table,
    captionTexts,
    batchSize: ranks * hyper.batchSizePerRank,
  });
  const { texts, ends, tokens, longest } = table.finish();
  if (longest > wanted.contextLength) throw new Error("A text is longer than the context.");
  const shape = { ...wanted, vocabulary: tokens.length };

  const tensors = clipTensors(shape);
  const pretrained =
    hyper.pretrained === null ? null : openPretrained(hyper.pretrained, { root: folders.root, tensors });
  const training = planTraining(request, {
    // To the training loop a rank is a shard.
    hyper: { ...hyper, shards: ranks, batchSize: ranks * hyper.batchSizePerRank },
    ranks,
    model: { tensors, lastLayer: "visual.proj" },
    trainIds: ids.train,
    imageDecoder: pairs.decoder,
    datasetContent: {
      ...pairs.content,
      inputShape,
      train: [...ids.train],
      validation: [...ids.validation],
      test: [...ids.test],
      scaling,
      tokens: [...tokens],
    },
  });
  const inMemory = "blocks" in pictures;
  return {
    plan: {
      ...training,
      shape,
      ranks,
      rows: hyper.batchSizePerRank,
      inputShape,
      scaling,
      white: pairs.white,
      captions: { texts: captionTexts, perCase: captions.perCase },
      ...evaluation,
      pictureFiles: inMemory ? null : pictures,
      pretrained,
      tokens: tokens.length,
      longestText: longest,
      pairDisclosures: pairs.disclosures,
    },
    data: {
      pictures: inMemory ? pictures : null,
      sets: sets.map((set) => ("blocks" in set.pictures ? set.pictures : null)),
      texts,
      ends,
    },
    shown: pairs.shown,
  };
}

/** What the reader of a contrastive result must know, in plain sentences. */
export function contrastiveDisclosures(plan: ContrastivePlan): string[] {
  const { ranks, rows, shape, longestText } = plan;
  return [
    `${ranks} ranks of ${rows} pairs each, on ${plan.threads} threads: features are gathered, the loss is taken per rank, gradients are averaged. The number of threads changes no result.`,
    ...trainingDisclosures(plan).filter((sentence) => !sentence.startsWith("Data parallel")),
    plan.pretrained
      ? `Training starts from the weights in ${plan.pretrained.path}.${plan.hyper.inputMean === null ? " Normalisation was fitted on the training pictures: published CLIP weights expect their own, inputMean [0.48145466, 0.4578275, 0.40821073] and inputStd [0.26862954, 0.26130258, 0.27577711]." : ""}`
      : `The token table holds the ${plan.tokens} of ${vocabularySize} tokens that occur in captions and prompts; the others would receive no gradient and be read by nothing.`,
    `The longest text has ${longestText} tokens of ${shape.contextLength}.`,
    "trainAccuracy is the share of pictures whose nearest text of the batch is their own or an equal one.",
    "trainLossFloor is what pictures with equal captions in a batch leave of the loss even with perfect features.",
    ...plan.pairDisclosures,
  ];
}
