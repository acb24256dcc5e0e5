import { createHash } from "node:crypto";
import type { RunRequest } from "@reprise/contracts";
import { streamKey } from "../../arithmetic/streams.js";
import { inParallel } from "../../data/datasets/files.js";
import { allocateImages, type ImageBlocks, imageAt } from "../../data/datasets/image-blocks.js";
import type { PairSet } from "../../data/datasets/image-text/pair-set.js";
import { createPictureDecoder, type PictureFiles } from "../../data/datasets/image-text/picture-files.js";
import { loadDataset, loadPairs } from "../../data/datasets.js";
import { type SplitCases, type SplitIds, stratifiedSplit } from "../../data/split.js";
import { type Scaling, scalingOf } from "../../data/standardisation.js";
import { type Pictures, picturesOf } from "../../data/thumbnails.js";
import type { EffectiveHyperparameters } from "../../hyperparameters/table.js";
import { userError } from "../../program/errors.js";
import type { RunSetting } from "../prepared-run.js";
import { digitPairs } from "./digit-pairs.js";
import { type EvaluationSet, readEvaluationSet, shownOf } from "./evaluation-sets.js";
import type { ImageTextPairs, PictureSet, Question } from "./pairs.js";

/** All that contrastive training needs of its data. */
export type TrainingPairs = {
  name: string;
  inputShape: number[];
  /** Byte of full brightness. */
  white: number;
  decoder: string | null;
  ids: SplitIds;
  scaling: Scaling;
  /** Texts of all cases one after another, `perCase` each: every presentation of a case draws one. */
  captions: { texts: readonly string[]; perCase: number };
  /** In memory, or files that are decoded when their turn comes. */
  pictures: ImageBlocks | PictureFiles;
  /** Questions on the set's own cases, and on other sets. */
  questions: Question[];
  sets: EvaluationSet[];
  /** Pictures of the cases that questions are asked about. */
  shown: Pictures[];
  /** What the rung `dataset` hashes. */
  content: Record<string, unknown>;
  disclosures: string[];
};

type Given = { request: RunRequest; hyper: EffectiveHyperparameters; setting: RunSetting };

/** Data sets in memory by name: what gives their pictures captions and questions. */
const pairings: Record<string, (dataset: PictureSet, train: Int32Array) => ImageTextPairs> = {
  digits: digitPairs,
};

/** Reads the data of a run. Throws a user error for a set without captions. */
export async function readTrainingPairs(given: Given): Promise<TrainingPairs> {
  const { request, hyper, setting } = given;
  const { folders, report, warn } = setting;
  const options = { imageSize: hyper.imageSize, report, warn };
  const pairs = await loadPairs(request.dataset.name, folders, options);
  return pairs ? declaredPairs(pairs, given) : pairedDataset(given);
}

function splitOf(cases: SplitCases, { seed, repeat, noise, dataset }: RunRequest): SplitIds {
  const { split } = dataset;
  const key =
    noise.split === "varied" ? streamKey(seed, "split", repeat) : streamKey(split.seed, "split", null);
  return stratifiedSplit(cases, split, key);
}

/** A data set in memory whose pictures get their captions here. */
async function pairedDataset({ request, hyper, setting }: Given): Promise<TrainingPairs> {
  const { folders, report, warn } = setting;
  const dataset = await loadDataset(request.dataset.name, folders, {
    imageSize: hyper.imageSize,
    report,
    warn,
  });
  const { name, features, inputShape, white, decoder } = dataset;
  if (features instanceof Float32Array)
    throw userError(`Dataset "${name}" is a table: contrastive training needs images with texts.`);
  const pairing = pairings[name];
  if (!pairing) {
    throw userError(
      `Dataset "${name}" has no captions: contrastive training needs images with texts.`,
      `Use ${Object.keys(pairings).join(", ")}, or declare a set of kind imageText (docs/datasets.md).`,
    );
  }
  const ids = splitOf(dataset, request);
  const { captions, questions, disclosures } = pairing({ ...dataset, features }, ids.train);
  const scaling = scalingOf(dataset, ids.train, hyper);
  return {
    name,
    inputShape,
    white,
    decoder,
    ids,
    scaling,
    captions: { texts: captions.flat(), perCase: captions[0]?.length ?? 0 },
    pictures: features,
    questions,
    sets: [],
    shown: picturesOf(dataset, ids, null),
    content: {
      content: dataset.digest,
      decoded: dataset.decodedDigest,
      captions,
      questions: questions.map(({ name: question, templates, labels }) => ({
        name: question,
        templates,
        labels,
      })),
    },
    disclosures,
  };
}

/** A declared set of image-text pairs, with the sets that its questions are asked on. */
async function declaredPairs(pairs: PairSet, given: Given): Promise<TrainingPairs> {
  const { request, hyper, setting } = given;
  const { name, inputShape, decoder, captions, pictures, remarks } = pairs;
  const ids = splitOf(pairs, request);
  const fitted = await scalingOfFiles(pairs, { train: ids.train, hyper, setting });
  const sets: EvaluationSet[] = [];
  for (const question of pairs.questions) sets.push(await readEvaluationSet(question, pairs, setting));
  const hash = createHash("sha256");
  for (const [id, caption] of captions.entries())
    hash.update(
      `${JSON.stringify([pictures.fileOf[id], ...(pictures.spans?.subarray(2 * id, 2 * id + 2) ?? []), caption])}\n`,
    );
  return {
    name,
    inputShape,
    white: 255,
    decoder,
    ids,
    scaling: fitted.scaling,
    captions: { texts: captions, perCase: 1 },
    pictures,
    questions: [],
    sets,
    shown: shownOf(sets.map(({ set }) => set)),
    content: {
      content: pairs.digest,
      // Pictures are decoded as they are used: the environment names the decoder.
      decoded: null,
      pairs: hash.digest("hex"),
      questions: sets.map(({ content }) => content),
    },
    disclosures: [
      ...remarks,
      `The ${ids.train.length} training pictures are decoded when their turn comes, and stretched to ${inputShape[0]} × ${inputShape[1]} pixels.`,
      ...fitted.disclosures,
      ...sets.flatMap((set) => set.remarks),
    ],
  };
}

/** Pictures whose brightness normalisation is fitted on, where it is not given. */
const maxFittedPictures = 512;

/** As given; otherwise fitted on training pictures, at most {@link maxFittedPictures} of them, evenly spaced. */
async function scalingOfFiles(
  { name, inputShape, pictures }: PairSet,
  given: { train: Int32Array; hyper: EffectiveHyperparameters; setting: RunSetting },
): Promise<{ scaling: Scaling; disclosures: string[] }> {
  const { train, hyper, setting } = given;
  const isGiven = hyper.inputMean !== null || hyper.inputStd !== null;
  const count = isGiven ? 0 : Math.min(maxFittedPictures, train.length);
  const features = allocateImages(
    count,
    inputShape.reduce((a, b) => a * b, 1),
  );
  if (count > 0) {
    const decode = await createPictureDecoder(pictures);
    let done = 0;
    await inParallel(count, async (i) => {
      await decode(train[Math.floor((i * train.length) / count)] as number, imageAt(features, i));
      done += 1;
      setting.report(done, count, "images decoded");
    });
  }
  const all = Int32Array.from({ length: count }, (_, i) => i);
  return {
    scaling: scalingOf({ name, inputShape, cases: count, features, white: 255 }, all, hyper),
    disclosures:
      isGiven || count === train.length
        ? []
        : [`Normalisation was fitted on ${count} of the ${train.length} training pictures, evenly spaced.`],
  };
}
