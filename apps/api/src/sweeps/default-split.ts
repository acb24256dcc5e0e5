import { datasetInSpec, type TrainerCapabilities } from "@reprise/contracts";
import { z } from "zod";

/** A spec in which the data set's split may be left to the set: `dataset: name`, or an object without a split. */
const shorthand = z.looseObject({
  trainer: z.string().default("tfjs"),
  dataset: z.union([
    z
      .string()
      .min(1)
      .transform((name) => ({ name })),
    z.strictObject({ name: z.string().min(1) }),
  ]),
});

/**
 * The document with the data set's own default split where it names none. A set whose cases come in groups (photographs,
 * patients) announces one that keeps them together; a split at random would put parts of one patient on both sides.
 * Anything else, and every document that is not well formed, is returned as it is.
 */
export function withDefaultSplit(document: unknown, announced: readonly TrainerCapabilities[]): unknown {
  const parsed = shorthand.safeParse(document);
  if (!parsed.success) return document;
  const { trainer, dataset } = parsed.data;
  const info = announced
    .find(({ name }) => name === trainer)
    ?.datasets.find(({ name }) => name === dataset.name);
  if (!info) return document;
  const completed = datasetInSpec.parse({ name: dataset.name, split: info.defaultSplit });
  return { ...z.looseObject({}).parse(document), dataset: completed };
}
