import { imageAt } from "../../data/datasets/image-blocks.js";
import { type Attributes, attributesOf, boundsOf, measure } from "./attributes.js";
import type { ImageTextPairs, PictureSet, Question } from "./pairs.js";

const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/** Digits whose line encloses an area. No caption says so: the attribute is known to the evaluation only. */
const loops = [0, 6, 8, 9];

/** The four caption templates of training. */
const captionTemplates: ((digit: string, attributes: Attributes) => string)[] = [
  (digit, { size, thickness, slant }) => `a ${size} ${thickness} handwritten ${digit}, ${slant}`,
  (digit, { size, thickness, slant }) => `the digit ${digit}, ${thickness} strokes, ${slant}, ${size}`,
  (digit, { size, thickness, slant }) => `${thickness} ${slant} number ${digit} of ${size} size`,
  (digit, { size, thickness, slant }) => `scan of a ${digit} that is ${slant}, ${thickness} and ${size}`,
];

/** Prompts in the words of the training captions, and four others that training never sees. */
const seenTemplates = ["a handwritten {c}", "the digit {c}", "number {c}", "scan of a {c}"];
const heldOutTemplates = [
  "an image of {c}",
  "a pencil drawing of {c}",
  "this picture shows {c}",
  "{c} on paper",
];

/**
 * The bundled `digits` as image-text pairs: captions state the digit and measured attributes (thickness from ink mass,
 * slant from second moments, size), with bounds from the training pictures. Three questions are asked of a model, each with
 * prompts it was not trained on: which digit, whether it has a closed loop (by the digits that have one), thick or thin;
 * and the first once more with prompts in the words of the captions.
 */
export function digitPairs(dataset: PictureSet, train: Int32Array): ImageTextPairs {
  const [side = 0] = dataset.inputShape;
  const measures = Array.from({ length: dataset.cases }, (_, id) =>
    measure(imageAt(dataset.features, id), side),
  );
  const bounds = boundsOf(Array.from(train, (id) => measures[id] ?? { ink: 0, slant: 0, extent: 0 }));
  const attributes = measures.map((measured) => attributesOf(measured, bounds));
  const labels = [...dataset.labels];
  const hasLoop = (digit: number) => loops.includes(digit);
  const named = (digits: readonly number[]) => digits.map((digit) => words[digit] ?? "");
  const all = [...words.keys()];
  const digit = { classes: [...dataset.classes], labels: words.map((word) => [word]), positiveClass: null };
  const questions: Question[] = [
    { name: "digit", ...digit, templates: heldOutTemplates, truth: labels },
    { name: "digitSeen", ...digit, templates: seenTemplates, truth: labels },
    {
      name: "loop",
      classes: ["loop", "no loop"],
      labels: [named(all.filter(hasLoop)), named(all.filter((digit) => !hasLoop(digit)))],
      positiveClass: 0,
      templates: heldOutTemplates,
      truth: labels.map((digit) => (hasLoop(digit) ? 0 : 1)),
    },
    {
      name: "thick",
      classes: ["thick", "thin"],
      labels: [["thick strokes"], ["thin strokes"]],
      positiveClass: 0,
      templates: heldOutTemplates,
      truth: attributes.map(({ thickness }) => (thickness === "thick" ? 0 : 1)),
    },
  ];
  return {
    captions: attributes.map((found, id) =>
      captionTemplates.map((template) => template(words[dataset.labels[id] ?? 0] ?? "", found)),
    ),
    questions,
    disclosures: [
      `Captions state measured attributes of the pictures: thick from ${bounds.ink.toFixed(1)} units of ink on (training median), slant by terciles, large from an extent of ${bounds.extent.toFixed(2)} pixels on (training median).`,
      "No caption mentions closed loops: the classes of that evaluation are prompted by naming their digits.",
    ],
  };
}
