import { z } from "zod";

const fraction = z.number().min(0).max(1);

/** How a data set is divided: shares that sum to one, with a seed of its own, shared by all runs of a sweep. */
export const split = z
  .strictObject({
    train: fraction,
    validation: fraction,
    test: fraction,
    seed: z.int().min(0).default(1),
    /** Cases of one group (patient, slide, photograph) stay in one part; the data set names its groupings. */
    groupBy: z.string().min(1).nullable().default(null),
    /** Takes the parts that the set was published with; the shares must be theirs. Parts it was not published with are drawn. */
    published: z.boolean().optional(),
  })
  .refine((s) => Math.abs(s.train + s.validation + s.test - 1) < 1e-9, {
    error: "train, validation and test must sum to 1",
  })
  .refine((s) => s.train > 0, { error: "train must be above 0", path: ["train"] });
export type Split = z.infer<typeof split>;

/** The parts of a split, in the order of their shares. */
export const partNames = ["train", "validation", "test"] as const;

/** Sizes of the parts by largest remainder, so that they sum to `cases` exactly: of a split at random, without groups. */
export function partSizes(cases: number, shares: Pick<Split, (typeof partNames)[number]>): number[] {
  return sizesOf(
    cases,
    partNames.map((part) => shares[part]),
  );
}

/** The same for shares in a list. */
export function sizesOf(cases: number, shares: readonly number[]): number[] {
  const exact = shares.map((share) => share * cases);
  const sizes = exact.map(Math.floor);
  const byRemainder = exact
    // Rounded, so that 0.2 · 5 = 1.0000000000000002 does not count as a remainder.
    .map((value, part) => ({ part, remainder: Number((value - Math.floor(value)).toFixed(9)) }))
    .sort((a, b) => b.remainder - a.remainder || a.part - b.part);
  let missing = cases - sizes.reduce((a, b) => a + b, 0);
  for (const { part } of byRemainder) {
    if (missing <= 0) break;
    sizes[part] = (sizes[part] ?? 0) + 1;
    missing -= 1;
  }
  return sizes;
}

export const defaultSplit: Split = { train: 0.6, validation: 0.2, test: 0.2, seed: 1, groupBy: null };

export const datasetChoice = z.strictObject({
  name: z.string().min(1),
  split: split.default(defaultSplit),
});

/** `dataset: wdbc` is shorthand for that set with the default split. */
export const datasetInSpec = z.union([
  z
    .string()
    .min(1)
    .transform((name) => ({ name, split: { ...defaultSplit } })),
  datasetChoice,
]);
export type DatasetChoice = z.infer<typeof datasetChoice>;
