import { type CaseColumns, caseColumnsOf } from "../../data/case-columns.js";
import type { CachedPictures } from "../../data/datasets/cached-pictures.js";
import type { CachedDataset, Dataset } from "../../data/datasets/dataset.js";
import type { ImageBlocks } from "../../data/datasets/image-blocks.js";
import type { PairSet } from "../../data/datasets/image-text/pair-set.js";
import { loadCachedDataset } from "../../data/datasets.js";
import { type Pictures, picturesOf } from "../../data/thumbnails.js";
import { userError } from "../../program/errors.js";
import type { RunSetting } from "../prepared-run.js";
import type { Question } from "./pairs.js";

/** Another data set on which a question is asked. */
export type EvaluationSet = {
  question: Question;
  set: Dataset | CachedDataset;
  /** Its pixels: in a file, or in memory where no file can be written. */
  pictures: CachedPictures | ImageBlocks;
  /** Byte of full brightness. */
  white: number;
  /** What predictions call its cases, and tell of them: patients, sites. */
  names: string[];
  columns: CaseColumns;
  /** What the record of the data set's rung tells of it, and what the reader must know. */
  content: object;
  remarks: string[];
};

const namesOf = ({ caseNames, labels }: Dataset | CachedDataset) =>
  caseNames ?? Array.from(labels.keys(), String);

/** Pictures are found by the name of a case: what two sets call alike has none rather than perhaps the wrong one. */
export function shownOf(asked: readonly (Dataset | CachedDataset)[]): Pictures[] {
  const sets = [...new Map(asked.map((set) => [set.decodedDigest ?? set.digest, set])).values()];
  const times = new Map<string, number>();
  for (const name of sets.flatMap(namesOf)) times.set(name, (times.get(name) ?? 0) + 1);
  return sets.flatMap((set) => {
    const names = namesOf(set);
    const test = Int32Array.from(names.keys()).filter((id) => times.get(names[id] ?? "") === 1);
    return picturesOf(set, { validation: new Int32Array(), test }, names);
  });
}

/** Reads the set of a question. Throws a user error for one whose images the model cannot see. */
export async function readEvaluationSet(
  question: PairSet["questions"][number],
  { name: training, inputShape }: PairSet,
  setting: RunSetting,
): Promise<EvaluationSet> {
  const { name, templates, part, cases } = question;
  const { folders, report, warn } = setting;
  const set = await loadCachedDataset(question.dataset, folders, {
    imageSize: inputShape[0] ?? null,
    report,
    warn,
    ...(part === null && cases === null ? {} : { selection: { part, cases } }),
  });
  const { classes, positiveClass, features } = set;
  if (features instanceof Float32Array)
    throw userError(
      `Question "${name}" of ${training}: data set ${set.name} is a table.`,
      "Ask questions on sets of images.",
    );
  if (set.inputShape.join() !== inputShape.join()) {
    throw userError(
      `Question "${name}" of ${training}: images of ${set.name} are [${set.inputShape.join(", ")}], and the model sees [${inputShape.join(", ")}].`,
      "Declare the same number of channels for both sets.",
    );
  }
  const labels = classes.map((label) => question.labels[label] ?? [label]);
  return {
    question: { name, classes, labels, positiveClass, templates, truth: [...set.labels] },
    pictures: features,
    white: set.white,
    names: namesOf(set),
    columns: caseColumnsOf(set),
    set,
    content: { name, templates, labels, part, cases, content: set.digest, decoded: set.decodedDigest },
    remarks: [
      `Question ${name} is asked on ${set.cases} images of ${set.name}${part === null ? "" : ` (its ${part} part)`}${cases === null ? "" : `, drawn evenly from its classes`}.`,
      ...set.remarks,
    ],
  };
}
