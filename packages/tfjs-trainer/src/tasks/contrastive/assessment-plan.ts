import { caseFactsOf } from "../../data/case-columns.js";
import type { CachedPictures } from "../../data/datasets/cached-pictures.js";
import type { Question } from "./pairs.js";
import type { TrainingPairs } from "./read-pairs.js";
import type { QuestionPrompts } from "./zero-shot.js";

/** Cases of a zero-shot question on one split. */
type QuestionSplit = QuestionPrompts & {
  split: "validation" | "test";
  /** What predictions call the cases, and tell of them where the question is asked on another set. */
  names: string[];
  facts: ReturnType<typeof caseFactsOf>;
  /** Rows of the evaluated pictures. */
  rows: number[];
  labels: Int32Array;
};

/** What is evaluated after every epoch. */
export type AssessmentPlan = {
  /**
   * Pictures and texts that are encoded after every epoch: so many pictures, first those of own cases, then those of
   * other sets.
   */
  evaluated: { cases: Int32Array; images: number; texts: Int32Array };
  /**
   * Other sets on which questions are asked: number of pictures, the first of their rows, byte of full brightness, and the file that
   * their pictures are read from as they are needed; null where they are in memory.
   */
  sets: { images: number; first: number; white: number; cached: CachedPictures | null }[];
  questions: QuestionSplit[];
  /** Pairs of the validation loss: rows of the evaluated pictures and texts. */
  validationPairs: { images: number[]; texts: number[] };
};

/** Which pictures and texts are encoded after every epoch, and what is asked of them. */
export function planAssessment(
  { ids, questions, sets, captions, pictures }: TrainingPairs,
  given: { table: { add(text: string): number }; captionTexts: Int32Array; batchSize: number },
): AssessmentPlan {
  const { table, captionTexts, batchSize } = given;
  const { perCase } = captions;
  const rowOf = new Map<number, number>();
  const row = (text: number) => {
    const known = rowOf.get(text) ?? rowOf.size;
    rowOf.set(text, known);
    return known;
  };
  const promptsOf = ({ name, classes, labels, positiveClass, templates }: Question): QuestionPrompts => ({
    name,
    classes,
    positiveClass,
    prompts: labels.map((names) =>
      names.flatMap((label) => templates.map((template) => row(table.add(template.replace("{c}", label))))),
    ),
  });
  // A picture that is decoded when its turn comes is, as long as no question is asked about it, only of use in the loss.
  const validation = "blocks" in pictures ? ids.validation : spaced(ids.validation, batchSize);
  const test = questions.length === 0 ? new Int32Array() : ids.test;
  const parts = [
    { split: "validation", ids: validation, first: 0 },
    { split: "test", ids: test, first: validation.length },
  ] as const;
  const asked = questions.flatMap((question): QuestionSplit[] => {
    const prompts = promptsOf(question);
    return parts
      .filter((part) => part.ids.length > 0)
      .map((part) => ({
        ...prompts,
        split: part.split,
        names: Array.from(part.ids, String),
        facts: {},
        rows: Array.from(part.ids, (_, index) => part.first + index),
        labels: part.ids.map((id) => question.truth[id] ?? 0),
      }));
  });
  const own = validation.length + test.length;
  const placed: AssessmentPlan["sets"] = [];
  let images = own;
  for (const { question, names, columns, white, pictures: own } of sets) {
    const first = images;
    asked.push({
      ...promptsOf(question),
      split: "test",
      names,
      facts: caseFactsOf(columns, [...names.keys()]),
      rows: Array.from(names, (_, index) => first + index),
      labels: Int32Array.from(question.truth),
    });
    placed.push({ images: names.length, first, white, cached: "blocks" in own ? null : own });
    images += names.length;
  }
  // Of a case's captions the validation loss takes one, by turns.
  const validationPairs = {
    images: Array.from(validation, (_, index) => index),
    texts: Array.from(validation, (id) => row(captionTexts[id * perCase + (id % perCase)] ?? 0)),
  };
  return {
    questions: asked,
    validationPairs,
    sets: placed,
    evaluated: {
      cases: Int32Array.from([...validation, ...test]),
      images,
      texts: Int32Array.from(rowOf.keys()),
    },
  };
}

/** At most so many of the ids, evenly spaced. */
function spaced(ids: Int32Array, count: number): Int32Array {
  const taken = Math.min(count, ids.length);
  return Int32Array.from({ length: taken }, (_, i) => ids[Math.floor((i * ids.length) / taken)] as number);
}
