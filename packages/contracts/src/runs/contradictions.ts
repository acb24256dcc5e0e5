import { z } from "zod";
import { id } from "../basics/primitives.js";

/**
 * Two things that a record says and that cannot both be so:
 *
 * - `metric`, `predictions`: runs with one digest of their final weights have unequal values of a metric, or predictions;
 * - `ladder`: they have unequal digests of the data, the initial weights or an epoch;
 * - `data`: runs with one digest of their data evaluate unequal numbers of cases;
 * - `digest`: a run gives two digests of its final weights.
 */
export const contradictionKinds = ["metric", "predictions", "ladder", "data", "digest"] as const;

export const contradiction = z
  .strictObject({
    kind: z.enum(contradictionKinds),
    /** What the runs say, with their values. */
    sentence: z.string(),
    /** What may be the cause, and what follows for whoever reads the figures. */
    meaning: z.string(),
    runIds: z.array(id).min(1),
  })
  .meta({ id: "Contradiction" });
export type Contradiction = z.infer<typeof contradiction>;

/** What of a run's record must agree with the records of other runs. */
export type RunEvidence = {
  /**
   * Digest of all rungs of a kind (of a single one its own, cut to 32 digits), how many there are, and their algorithm:
   * `unrecorded` where they have several.
   */
  rungs: Readonly<Record<string, { rungs: number; digest: string; algorithm: string }>>;
  /**
   * By split and question ("test", "test tumour"): how many cases were scored, and a digest of ids, labels and scores, which
   * is taken only where another run must agree with it.
   */
  predictions: Readonly<Record<string, { cases: number; digest: string | null }>>;
};
