import { z } from "zod";
import { id, instant } from "../basics/primitives.js";

const text = z.string().max(2_000);
/** Of something that only one of two processes may have, or that was not to be told. */
const known = text.nullable();

/** Of what kind the two operations are in which two trainings part. */
export const divergenceClass = z.enum([
  "nondeterministic-operation",
  "arguments-differ",
  "random-state-differs",
  "settings-differ",
  "input-differs",
  "code-differs",
  "not-traced",
  "ended",
]);

/** The first operation in which two traced trainings part, as `python -m reprise locate` finds it. */
export const divergentOperation = z.strictObject({
  class: divergenceClass,
  /** What was found, in a sentence. */
  sentence: text,
  /** The step of the optimizer, from 1, at which it was computed. */
  step: z.int().min(0),
  /** setup, data, forward, loss, backward, optimizer or evaluation. */
  phase: known,
  module: known,
  operation: known,
  /** The line of the program that led to it: `train.py:31`. */
  line: known,
  tensor: known,
  shape: known,
  /** The largest distance of two elements in units of the last place, and relative to their value. */
  ulp: z.number().min(0).nullable(),
  relative: z.number().min(0).nullable(),
  /** Of the elements of the tensor. */
  differing: z.int().min(0).nullable(),
  size: z.int().min(0).nullable(),
  /** What differs by name: arguments, settings, or what the second computed instead; [first, second]. */
  pairs: z.array(z.strictObject({ name: text, first: known, second: known })).max(100),
  /** What the documentation of the installed PyTorch says of the operation. */
  causes: z.array(z.strictObject({ name: text, condition: text, deterministic: z.boolean() })).max(20),
  documentation: z.url().nullable(),
});
export type DivergentOperation = z.infer<typeof divergentOperation>;

/** Where both sides begin to be traced. */
export const tracedFrom = z.strictObject({
  /** Steps and whole epochs that the checkpoint has behind it; 0 is the start of the training. */
  step: z.int().min(0),
  epoch: z.int().min(0),
  /** Why from the start; null where both go on from their checkpoints. */
  why: z.string().nullable(),
});
export type TracedFrom = z.infer<typeof tracedFrom>;

/** Two trainings of the program of a run, or of two, with their arms and seeds, every operation traced, and where they parted. */
export const locatedDivergence = z
  .strictObject({
    runIds: z.array(id).min(1).max(2),
    /** Steps that were compared in the last of so many tries. */
    steps: z.int().min(0),
    tries: z.int().min(1),
    /** Where both began to be traced; null where that is not told: at the start. */
    from: tracedFrom.nullable().default(null),
    /** Null where they did not part. */
    parted: divergentOperation.nullable(),
  })
  .meta({ id: "LocatedDivergence" });
export type LocatedDivergence = z.infer<typeof locatedDivergence>;

/** The same as it is kept with the run. */
export const keptDivergence = locatedDivergence.extend({ locatedAt: instant });
export type KeptDivergence = z.infer<typeof keptDivergence>;

export const locatedDivergenceAnswer = z.strictObject({ runId: id, locatedAt: instant });
