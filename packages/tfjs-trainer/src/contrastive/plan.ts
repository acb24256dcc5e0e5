import { join } from "node:path";
import { didYouMean, type RunRequest } from "@reprise/contracts";
import type { ImageStore } from "../datasets/image-store.js";
import { type Dataset, loadDataset } from "../datasets.js";
import { userError } from "../errors.js";
import { effectiveHyperparameters } from "../hyperparameters/effective.js";
import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import { planTraining, type TrainingPlan, trainingDisclosures } from "../plan.js";
import { type SplitIds, stratifiedSplit } from "../split.js";
import { type Scaling, scalingOf } from "../standardisation.js";
import { streamKey } from "../streams.js";
import type { RunSetting } from "../tasks/prepared-run.js";
import { digitPairs } from "./digit-pairs.js";
import { contrastiveMetricKeys } from "./metrics.js";
import type { ImageTextPairs, PictureSet } from "./pairs.js";
import { openPretrained, type PretrainedWeights } from "./pretrained.js";
import { refuseWhatHasNoMeaning } from "./refusals.js";
import { type ClipShape, vitB32 } from "./shape.js";
import { clipTensors } from "./tensors.js";
import { createTextTable } from "./text-table.js";
import { loadClipTokenizer, vocabularySize } from "./tokenizer.js";
import type { ZeroShotPrompts } from "./zero-shot.js";

/** Cases of a zero-shot question on one split. */
export interface ZeroShotSplit extends ZeroShotPrompts {
  split: "validation" | "test";
  ids: Int32Array;
  /** Rows of the evaluated pictures. */
  rows: number[];
  labels: Int32Array;
}

/** Everything that decides a contrastive run. */
export interface ContrastivePlan extends TrainingPlan {
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
  /** Pictures and texts that are encoded after every epoch. */
  evaluated: { cases: Int32Array; texts: Int32Array };
  zeroShot: ZeroShotSplit[];
  /** Pairs of the validation loss: rows of the evaluated pictures and texts. */
  validationPairs: { images: number[]; texts: number[] };
  /** Weights to start from; null for random ones. */
  pretrained: PretrainedWeights | null;
  tokens: number;
  longestText: number;
  pairDisclosures: string[];
}

/** Image-text sets by name: what gives the pictures of a data set captions and questions. */
const pairings: Record<string, (dataset: PictureSet, train: Int32Array) => ImageTextPairs> = {
  digits: digitPairs,
};

function pairsOf(dataset: PictureSet, train: Int32Array): ImageTextPairs {
  const pairing = pairings[dataset.name];
  if (pairing) return pairing(dataset, train);
  throw userError(
    `Dataset "${dataset.name}" has no captions: contrastive training needs images with texts.`,
    `Image-text sets here: ${Object.keys(pairings).join(", ")}.`,
  );
}

function shapeOf(hyper: EffectiveHyperparameters, dataset: Dataset): ClipShape {
  const [height = 0, width = 0, channels = 0] = dataset.inputShape;
  if (dataset.inputShape.length !== 3 || height !== width) {
    throw userError(
      `Contrastive training needs square pictures; inputs of "${dataset.name}" are [${dataset.inputShape.join(", ")}].`,
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
  if (hyper.width % heads !== 0) {
    throw userError(
      `Hyperparameter "heads" (value ${heads}) does not divide width ${hyper.width}.`,
      "Choose a number of heads that divides width.",
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
  pairs: ImageTextPairs,
  ids: SplitIds,
): void {
  if (threshold.rule !== "fixed") {
    throw userError(
      `Threshold rule "${threshold.rule}" has no meaning here: a picture gets the class whose prompts are nearest.`,
      "Use rule: fixed.",
    );
  }
  if (selection.epoch !== "bestValidation") return;
  const known = contrastiveMetricKeys(pairs.tasks, "validation");
  if (ids.validation.length === 0 || !objective || !known.includes(objective.metric)) {
    throw userError(
      `Selection bestValidation needs validation cases and an objective on them; given: ${objective?.metric ?? "none"}.`,
      didYouMean(objective?.metric ?? "", known),
    );
  }
}

/** What the compute threads need beside the plan: pictures and tokenised texts. */
export interface PairData {
  pictures: ImageStore;
  texts: Int32Array;
  ends: Int32Array;
}

/**
 * Checks a request and works out the contrastive run it asks for. Rejects with a user error and a hint for everything that
 * cannot be met.
 */
export async function planContrastive(
  request: RunRequest,
  { folders, report, warn }: RunSetting,
): Promise<{ plan: ContrastivePlan; data: PairData }> {
  const hyper = effectiveHyperparameters(request.parameters, request.task);
  refuseWhatHasNoMeaning(hyper);
  const { imageSize } = hyper;
  const dataset = await loadDataset(request.dataset.name, folders, { imageSize, report, warn });
  const { features } = dataset;
  if (features instanceof Float32Array)
    throw userError(`Dataset "${dataset.name}" is a table: contrastive training needs images with texts.`);
  const { seed, repeat, noise } = request;
  const { split } = request.dataset;
  const ids = stratifiedSplit(
    dataset,
    split,
    noise.split === "varied" ? streamKey(seed, "split", repeat) : streamKey(split.seed, "split", null),
  );
  const pairs = pairsOf({ ...dataset, features }, ids.train);
  checkSelection(request, pairs, ids);
  const scaling = scalingOf(dataset, ids.train, hyper);

  const wanted = shapeOf(hyper, dataset);
  const tokenizer = loadClipTokenizer(join(folders.bundled, "..", "vocabularies"));
  const table = createTextTable(tokenizer, {
    contextLength: wanted.contextLength,
    compact: hyper.pretrained === null,
  });
  const perCase = pairs.captions[0]?.length ?? 0;
  const captionTexts = Int32Array.from(pairs.captions.flat(), (caption) => table.add(caption));
  const evaluation = evaluationOf(pairs, { ids, table, captionTexts, perCase });
  const { texts, ends, tokens, longest } = table.finish();
  if (longest > wanted.contextLength) throw new Error("A text is longer than the context.");
  const shape = { ...wanted, vocabulary: tokens.length };

  const tensors = clipTensors(shape);
  const pretrained =
    hyper.pretrained === null ? null : openPretrained(hyper.pretrained, { root: folders.root, tensors });
  const ranks = request.resources.ranks;
  const training = planTraining(request, {
    // To the training loop a rank is a shard.
    hyper: { ...hyper, shards: ranks, batchSize: ranks * hyper.batchSizePerRank },
    ranks,
    model: { tensors, lastLayer: "visual.proj" },
    trainIds: ids.train,
    imageDecoder: dataset.decoder,
    datasetContent: {
      content: dataset.digest,
      decoded: dataset.decodedDigest,
      inputShape: dataset.inputShape,
      train: [...ids.train],
      validation: [...ids.validation],
      test: [...ids.test],
      scaling,
      captions: pairs.captions,
      questions: pairs.tasks.map(({ name, templates, labels }) => ({ name, templates, labels })),
      tokens: [...tokens],
    },
  });
  return {
    plan: {
      ...training,
      shape,
      ranks,
      rows: hyper.batchSizePerRank,
      inputShape: dataset.inputShape,
      scaling,
      white: dataset.white,
      captions: { texts: captionTexts, perCase },
      ...evaluation,
      pretrained,
      tokens: tokens.length,
      longestText: longest,
      pairDisclosures: pairs.disclosures,
    },
    data: { pictures: features, texts, ends },
  };
}

/** Which pictures and texts are encoded after every epoch, and what is asked of them. */
function evaluationOf(
  pairs: ImageTextPairs,
  given: {
    ids: SplitIds;
    table: { add(text: string): number };
    captionTexts: Int32Array;
    perCase: number;
  },
): Pick<ContrastivePlan, "evaluated" | "zeroShot" | "validationPairs"> {
  const { ids, table, captionTexts, perCase } = given;
  const rowOf = new Map<number, number>();
  const row = (text: number) => {
    const known = rowOf.get(text) ?? rowOf.size;
    rowOf.set(text, known);
    return known;
  };
  const parts = [
    { split: "validation", ids: ids.validation, first: 0 },
    { split: "test", ids: ids.test, first: ids.validation.length },
  ] as const;
  const zeroShot = pairs.tasks.flatMap(({ name, classes, labels, positiveClass, templates, truth }) => {
    const prompts = labels.map((names) =>
      names.flatMap((label) => templates.map((template) => row(table.add(template.replace("{c}", label))))),
    );
    return parts
      .filter(({ ids }) => ids.length > 0)
      .map((part) => ({
        name,
        classes,
        positiveClass,
        prompts,
        split: part.split,
        ids: part.ids,
        rows: Array.from(part.ids, (_, index) => part.first + index),
        labels: part.ids.map((id) => truth[id] ?? 0),
      }));
  });
  // Of a case's captions the validation loss takes one, by turns.
  const validationPairs = {
    images: Array.from(ids.validation, (_, index) => index),
    texts: Array.from(ids.validation, (id) => row(captionTexts[id * perCase + (id % perCase)] ?? 0)),
  };
  return {
    zeroShot,
    validationPairs,
    evaluated: {
      cases: Int32Array.from([...ids.validation, ...ids.test]),
      texts: Int32Array.from(rowOf.keys()),
    },
  };
}

/** What the reader of a contrastive result must know, in plain sentences. */
export function contrastiveDisclosures(plan: ContrastivePlan): string[] {
  const { ranks, rows, shape, longestText } = plan;
  return [
    `${ranks} ranks of ${rows} pairs each, on ${plan.threads} threads: features are gathered, the loss is taken per rank, gradients are averaged. The number of threads changes no result.`,
    ...trainingDisclosures(plan).filter((sentence) => !sentence.startsWith("Data parallel")),
    plan.pretrained
      ? `Training starts from the weights in ${plan.pretrained.path}.`
      : `The token table holds the ${plan.tokens} of ${vocabularySize} tokens that occur in captions and prompts; the others would receive no gradient and be read by nothing.`,
    `The longest text has ${longestText} tokens of ${shape.contextLength}.`,
    "trainAccuracy is the share of pictures whose nearest text of the batch is their own or an equal one.",
    "trainLossFloor is what pictures with equal captions in a batch leave of the loss even with perfect features.",
    ...plan.pairDisclosures,
  ];
}
