import { partNames } from "@reprise/contracts";
import { z } from "zod";
import type { DeclaredQuestion } from "./pair-set.js";

const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/**
 * A question of a declaration: a data set of images and classes, and in which words a model is asked about it; the
 * name alone will do for known sets.
 */
const asked = z.strictObject({
  dataset: z.string().min(1),
  /** Name in metrics; the data set's own unless given. */
  name: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]*$/, { error: "letters and digits, a small letter first" })
    .optional(),
  part: z.enum(partNames).optional(),
  cases: z.int().min(1).optional(),
  templates: z.array(z.string().includes("{c}")).min(1).optional(),
  labels: z.record(z.string(), words).optional(),
});
export const zeroShotDeclaration = z
  .array(z.preprocess((given) => (typeof given === "string" ? { dataset: given } : given), asked))
  .default([]);
type Asked = z.infer<typeof asked>;

/** Prompt templates of the histopathology study, Table 6 (Afzaal et al.), after Ikezogwo et al. 2024. */
const histopathologyTemplates = [
  "a histopathology slide showing {c}",
  "histopathology image of {c}",
  "pathology tissue showing {c}",
  "presence of {c} tissue on image",
];

const lung = {
  "lung benign": ["Benign lung"],
  "lung adenocarcinoma": ["Lung adenocarcinoma"],
  "lung squamous cell carcinoma": ["Lung squamous cell carcinoma"],
};
const colon = {
  "colon benign": ["Benign colonic tissue"],
  "colon adenocarcinoma": ["Colon adenocarcinoma"],
};

/** Class labels of Table 6, and the part of the images that the study evaluated. */
const known: Record<string, Pick<DeclaredQuestion, "labels" | "part">> = {
  "patch-camelyon": {
    labels: { normal: ["Lymph node"], tumour: ["Lymph node containing metastatic tumor tissue"] },
    part: "test",
  },
  "lc25000-lung": { labels: lung, part: null },
  "lc25000-colon": { labels: colon, part: null },
  lc25000: { labels: { ...colon, ...lung }, part: null },
};

const camelCase = (name: string) =>
  name
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "")
    .replace(/^./, (first) => first.toLowerCase());

/**
 * The questions of a declaration, completed: for the sets of the histopathology study by its Table 6. Throws an error for a question
 * that lacks templates and for names that occur twice.
 */
export function completedQuestions(declared: readonly Asked[]): DeclaredQuestion[] {
  const questions = declared.map((question, index): DeclaredQuestion => {
    const { dataset, name = camelCase(dataset), part, cases = null, templates, labels } = question;
    const usual = known[dataset];
    if (!templates && !usual) {
      throw new Error(
        `zeroShot.${index}.templates: say how ${dataset} is asked about, for example ["a photo of {c}"].`,
      );
    }
    return {
      name,
      dataset,
      part: part ?? usual?.part ?? null,
      cases,
      templates: templates ?? histopathologyTemplates,
      labels: labels
        ? Object.fromEntries(Object.entries(labels).map(([label, of]) => [label, [of].flat()]))
        : (usual?.labels ?? {}),
    };
  });
  const names = questions.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`zeroShot: two questions are called "${twice}"; give one a name.`);
  return questions;
}
