import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { instant } from "../basics/primitives.js";

/** More seeds than anybody trains, and few enough to compute bounds for. */
export const maxSequentialSeeds = 200;

/** No look at fewer seeds can settle anything. */
export const firstLook = 4;

/** What a sequential study can be after. */
export const settleable = z.enum(["difference", "equivalence"]);
export type Settleable = z.infer<typeof settleable>;

/**
 * How the error is held over looks: `anytime` by confidence sequences, valid at any look whether planned or not;
 * `obrien-fleming` and `pocock` by Lan–DeMets spending over the looks up to `maxSeeds`.
 */
export const sequentialBounds = ["anytime", "obrien-fleming", "pocock"] as const;
export type SequentialBounds = (typeof sequentialBounds)[number];

/** A study whose seeds are queued block by block, until the question of its analysis plan is settled. */
export const sequentialDesign = z
  .strictObject({
    method: z.literal("sequential"),
    /** Seeds at which the study ends, settled or not. Those listed under `seeds` come first, then the smallest whole numbers. */
    maxSeeds: z.int().min(firstLook).max(maxSequentialSeeds),
    /** Numbers of seeds at which the study looks: after `each` seed from the fourth, or as listed. */
    looks: z
      .union([z.literal("each"), z.array(z.int().min(2).max(maxSequentialSeeds)).min(1).max(100)])
      .default("each"),
    /** The study stops when one of these is shown. `equivalence` needs a margin in the analysis plan. */
    settle: z.array(settleable).min(1).max(2).default(["difference"]),
    /** `anytime` where `looks` is each, `obrien-fleming` where looks are listed, unless said otherwise. */
    bounds: z.enum(sequentialBounds).optional(),
    /** Seeds of a fixed study that was continued in this way afterwards. */
    continuedFrom: z.int().min(1).optional(),
  })
  .meta({ id: "SequentialDesign" });
export type SequentialDesign = z.infer<typeof sequentialDesign>;

/** The bounds that a design uses. */
export function boundsOf({ bounds, looks }: SequentialDesign): SequentialBounds {
  return bounds ?? (looks === "each" ? "anytime" : "obrien-fleming");
}

/** Numbers of seeds at which a design looks, growing; the last is `maxSeeds`. */
export function looksOf({ looks, maxSeeds }: SequentialDesign): number[] {
  if (looks !== "each") return looks;
  return Array.from({ length: maxSeeds - firstLook + 1 }, (_, i) => firstLook + i);
}

type Seeded = { seeds: readonly number[]; design?: SequentialDesign | undefined };

/** All seeds that a study may train, in their order: of a sequential one up to its maximum. */
export function seedsOf({ seeds, design }: Seeded): number[] {
  const all = [...seeds];
  for (let seed = 0; all.length < (design?.maxSeeds ?? 0); seed++) if (!all.includes(seed)) all.push(seed);
  return all;
}

/** What is wrong with a design in its study: path below `design`, and why. */
export function sequentialProblems(spec: {
  seeds: readonly number[];
  design: SequentialDesign;
  margin: number | undefined;
}): { path: PropertyKey[]; message: string }[] {
  const { design, seeds, margin } = spec;
  const looks = looksOf(design);
  const falls = looks.findIndex((look, i) => look <= (looks[i - 1] ?? 0));
  return [
    ...(seeds.length > design.maxSeeds
      ? [
          {
            path: ["maxSeeds"],
            message: `${seeds.length} seeds are listed: maxSeeds must be at least as many`,
          },
        ]
      : []),
    ...(falls > 0 ? [{ path: ["looks", falls], message: "must be above the look before it" }] : []),
    ...(looks.at(-1) !== design.maxSeeds
      ? [{ path: ["looks"], message: `must end with maxSeeds, ${design.maxSeeds}` }]
      : []),
    ...(new Set(design.settle).size < design.settle.length
      ? [{ path: ["settle"], message: "names one thing twice" }]
      : []),
    ...(design.settle.includes("equivalence") && margin === undefined
      ? [{ path: ["settle"], message: "equivalence needs analysisPlan.margin of the primary metric" }]
      : []),
  ];
}

const maybe = wireNumber.nullable();

/** One question of a study as it stood at a look. */
export const questionAtLook = z.strictObject({
  /** "adam against sgd", "adam: free against det". */
  question: z.string(),
  /** Seeds with a result on both sides. */
  n: z.int(),
  estimate: maybe,
  low: maybe,
  high: maybe,
  claim: settleable.nullable(),
});
export type QuestionAtLook = z.infer<typeof questionAtLook>;

export const sequentialLook = z.strictObject({
  look: z.int(),
  at: instant,
  /** Seeds whose runs had all ended. */
  seeds: z.int(),
  runsWithoutResult: z.int(),
  runsExcluded: z.int(),
  questions: z.array(questionAtLook),
});
export type SequentialLook = z.infer<typeof sequentialLook>;

export const sequentialEnds = ["settled", "maximum", "failed"] as const;

/** What a sequential study has recorded, in the order in which it happened; never changed afterwards. */
export const sequentialRecord = z
  .strictObject({
    looks: z.array(sequentialLook),
    /** Why it stopped: every question settled, all seeds trained, or a whole block without a result. Null while it goes on. */
    end: z.strictObject({ at: instant, look: z.int(), why: z.enum(sequentialEnds) }).nullable(),
  })
  .meta({ id: "SequentialRecord" });
export type SequentialRecord = z.infer<typeof sequentialRecord>;
