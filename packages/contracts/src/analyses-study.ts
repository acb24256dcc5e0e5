import { z } from "zod";
import { analysisTable, group, provenance, verdict } from "./analyses.js";
import { id } from "./entities.js";
import { wireNumber } from "./numbers.js";
import { parameterValue } from "./trainer-protocol.js";

const number = wireNumber.nullable();
const interval = z.strictObject({ low: number, high: number });
const envelope = { provenance, verdicts: z.array(verdict), notes: z.array(z.string()), table: analysisTable };

const extreme = z.strictObject({
  value: wireNumber,
  runId: id,
  configurationLabel: z.string(),
  seed: z.int(),
  arm: z.string(),
  repeat: z.int(),
});

/** Table I: best and worst run of everything, of an optimizer, or of a configuration. */
export const extremesRow = z.strictObject({
  grouping: z.enum(["all", "optimizer", "configuration"]),
  label: z.string(),
  n: z.int(),
  seeds: z.int(),
  best: extreme.nullable(),
  worst: extreme.nullable(),
  /** Largest minus smallest value. */
  range: number,
});
export type ExtremesRow = z.infer<typeof extremesRow>;
export const extremesAnalysis = z
  .strictObject({ analysis: z.literal("extremes"), ...envelope, rows: z.array(extremesRow) })
  .meta({ id: "ExtremesAnalysis" });
export type ExtremesAnalysis = z.infer<typeof extremesAnalysis>;

/** Table IV: minutes of one arm beside those of the deterministic arm, at one configuration and seed. */
export const runtimeRow = z.strictObject({
  group,
  arm: z.string(),
  deterministicRuns: z.int(),
  deterministicMinutes: number,
  runs: z.int(),
  meanMinutes: number,
  /** (other − deterministic) / deterministic × 100, as in the paper. */
  percent: number,
});
export type RuntimeRow = z.infer<typeof runtimeRow>;

/** The same, paired over seeds. */
export const runtimeTest = z.strictObject({
  /** Null for the means over all configurations that were run at every seed. */
  configurationKey: z.string().nullable(),
  configurationLabel: z.string(),
  arm: z.string(),
  seeds: z.int(),
  /** Mean over seeds of the percentages. */
  percent: number,
  differenceMinutes: number,
  differenceInterval: interval,
  t: number,
  df: number,
  p: number,
  adjustedP: number,
  wilcoxonW: number,
  wilcoxonP: number,
  reason: z.string().nullable(),
  verdict,
});
export type RuntimeTest = z.infer<typeof runtimeTest>;
export const runtimeAnalysis = z
  .strictObject({
    analysis: z.literal("runtime"),
    ...envelope,
    rows: z.array(runtimeRow),
    tests: z.array(runtimeTest),
  })
  .meta({ id: "RuntimeAnalysis" });
export type RuntimeAnalysis = z.infer<typeof runtimeAnalysis>;

const consumption = z.strictObject({
  runs: z.int(),
  /** Runs whose energy was recorded; the sums are over these only. */
  recorded: z.int(),
  kWh: z.number(),
  gCO2e: z.number(),
});
export type Consumption = z.infer<typeof consumption>;

export const energyRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  ...consumption.shape,
  kWhPerRun: number,
});
export type EnergyRow = z.infer<typeof energyRow>;

export const energyLedgerKinds = [
  "experiment",
  "excluded",
  "failed",
  "cancelled",
  "unfinished",
  "verification",
  "replay",
] as const;
/** Table VI: what the reported runs used, and what everything used. */
export const energyAnalysis = z
  .strictObject({
    analysis: z.literal("energy"),
    ...envelope,
    rows: z.array(energyRow),
    ledger: z.array(z.strictObject({ kind: z.enum(energyLedgerKinds), ...consumption.shape })),
    experimentRuns: consumption,
    allRuns: consumption,
    /** How it was measured or estimated, with the factors; one entry per way. */
    methods: z.array(z.string()),
  })
  .meta({ id: "EnergyAnalysis" });
export type EnergyAnalysis = z.infer<typeof energyAnalysis>;

/** Figures 2 and 3: how alike the last layers of repeats are, epoch by epoch; never across seeds. */
export const similarityGroup = z.strictObject({
  group,
  arm: z.string(),
  runIds: z.array(id),
  epochs: z.array(z.int()),
  /** Runs compared at each epoch. */
  n: z.array(z.int()),
  mean: z.array(number),
  min: z.array(number),
  /** Linear CKA of the scores that the runs give to the same test cases (cases × classes). */
  outputs: z
    .strictObject({ runs: z.int(), cases: z.int(), classes: z.int(), meanCka: number, minCka: number })
    .nullable(),
  /** Activations of the same test cases just before the last layer (cases × width), where runs were asked to report them. */
  probe: z
    .strictObject({
      cases: z.int(),
      /** Activations of each case. */
      width: z.int(),
      epochs: z.array(z.int()),
      n: z.array(z.int()),
      meanCosine: z.array(number),
      minCosine: z.array(number),
      meanCka: z.array(number),
      minCka: z.array(number),
    })
    .nullable(),
});
export type SimilarityGroup = z.infer<typeof similarityGroup>;
export const similarityAnalysis = z
  .strictObject({ analysis: z.literal("similarity"), ...envelope, groups: z.array(similarityGroup) })
  .meta({ id: "SimilarityAnalysis" });
export type SimilarityAnalysis = z.infer<typeof similarityAnalysis>;

/** ROC curves on the test split, one per run, and how they lie together. */
export const rocGroup = z.strictObject({
  group,
  arm: z.string(),
  positiveClass: z.string(),
  positives: z.int(),
  negatives: z.int(),
  runs: z.array(
    z.strictObject({
      runId: id,
      repeat: z.int(),
      auc: number,
      /** 95 % interval by DeLong: what the test cases alone leave open. */
      aucInterval: interval,
      /** Corners of the curve, from (0, 0) to (1, 1). */
      falsePositiveRate: z.array(z.number()),
      truePositiveRate: z.array(z.number()),
    }),
  ),
  /** Sensitivity over runs at equally spaced false-positive rates (vertical averaging), with its range between runs. */
  band: z.strictObject({
    falsePositiveRate: z.array(z.number()),
    mean: z.array(z.number()),
    min: z.array(z.number()),
    max: z.array(z.number()),
  }),
});
export type RocGroup = z.infer<typeof rocGroup>;
export const rocAnalysis = z
  .strictObject({ analysis: z.literal("roc"), ...envelope, groups: z.array(rocGroup) })
  .meta({ id: "RocAnalysis" });
export type RocAnalysis = z.infer<typeof rocAnalysis>;

/** Case by case agreement of the runs of one configuration and seed. */
export const agreementGroup = z.strictObject({
  group,
  classes: z.array(z.string()),
  testCases: z.int(),
  /** Rows and columns of the matrix: the first deterministic run and all others. */
  runs: z.array(z.strictObject({ runId: id, arm: z.string(), repeat: z.int() })),
  /** Share of test cases on which two runs disagree; 0 on the diagonal. */
  disagreement: z.array(z.array(z.number())),
  arms: z.array(
    z.strictObject({
      arm: z.string(),
      n: z.int(),
      meanDisagreement: number,
      maxDisagreement: number,
      unanimousFraction: number,
      fleissKappa: number,
      reason: z.string().nullable(),
    }),
  ),
  /** Cases on which not all of these runs agree. */
  flippedCases: z.int(),
  /** These cases, the most divided first; at most 200. */
  cases: z.array(
    z.strictObject({
      caseId: z.string(),
      trueClass: z.string(),
      /** Class name → number of runs that decided for it. */
      decisions: z.record(z.string(), z.int()),
    }),
  ),
  /** McNemar's test of every pair of runs; null unless it was asked for. */
  mcnemar: z
    .array(
      z.strictObject({
        runA: id,
        runB: id,
        onlyARight: z.int(),
        onlyBRight: z.int(),
        p: number,
        adjustedP: number,
      }),
    )
    .nullable(),
});
export type AgreementGroup = z.infer<typeof agreementGroup>;
export const agreementAnalysis = z
  .strictObject({ analysis: z.literal("agreement"), ...envelope, groups: z.array(agreementGroup) })
  .meta({ id: "AgreementAnalysis" });
export type AgreementAnalysis = z.infer<typeof agreementAnalysis>;

/** "SD when only X varies", of one configuration and arm. */
export const varianceRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  source: z.enum(["seed", "repeat"]),
  /** In words: what differs between the runs behind this figure. */
  varies: z.string(),
  sd: number,
  interval,
  df: z.int(),
  runs: z.int(),
  seeds: z.int(),
  reason: z.string().nullable(),
});
export type VarianceRow = z.infer<typeof varianceRow>;

/** Configuration fixed, seed random within configuration, repeat residual; balanced designs only. */
export const varianceComponents = z.strictObject({
  arm: z.string(),
  configurations: z.int(),
  /** Largest numbers of seeds per configuration and of repeats per seed; each cell has as many by `anova`. */
  seeds: z.int(),
  repeats: z.int(),
  runs: z.int(),
  /** Mean squares of a balanced design, or restricted maximum likelihood where cells differ in size. */
  method: z.enum(["anova", "reml"]),
  sdRepeat: number,
  sdRepeatInterval: interval,
  sdSeed: number,
  sdSeedInterval: interval,
  /** Share of the seed in the variance of a single run; both vary together here, so shares add up. */
  seedShare: number,
  /** The moment estimate of the seed variance was negative and is shown as 0. */
  truncated: z.boolean(),
  configurationF: number,
  configurationDf: z.tuple([z.int(), z.int()]),
  configurationP: number,
  reason: z.string().nullable(),
});
export type VarianceComponents = z.infer<typeof varianceComponents>;

/** Do seeds rank the configurations alike? */
export const rankStability = z.strictObject({
  arm: z.string(),
  configurations: z.array(z.string()),
  seeds: z.array(z.int()),
  /** `means[seed][configuration]` */
  means: z.array(z.array(wireNumber)),
  w: number,
  friedman: number,
  df: z.int(),
  p: number,
  meanTau: number,
  minTau: number,
  reason: z.string().nullable(),
});
export type RankStability = z.infer<typeof rankStability>;

/** How many more seeds or repeats would settle a difference as large as the margin with 80 % power. */
export const runsNeeded = z.strictObject({
  unit: z.enum(["seeds", "repeats"]),
  arm: z.string(),
  configurationLabel: z.string(),
  margin: z.number(),
  present: z.int(),
  /** 0 when there are enough; null when no practical number is. */
  more: z.int().nullable(),
  sentence: z.string(),
});
export type RunsNeeded = z.infer<typeof runsNeeded>;
export const varianceAnalysis = z
  .strictObject({
    analysis: z.literal("variance"),
    ...envelope,
    rows: z.array(varianceRow),
    components: z.array(varianceComponents),
    ranking: rankStability.nullable(),
    needed: z.array(runsNeeded),
  })
  .meta({ id: "VarianceAnalysis" });
export type VarianceAnalysis = z.infer<typeof varianceAnalysis>;

/** Level against first level of one hyperparameter, everything else alike, paired on seed. */
export const hyperparameterEffect = z.strictObject({
  parameter: z.string(),
  level: parameterValue,
  baseline: parameterValue,
  /** Settings of the other hyperparameters at which both levels were run. */
  settings: z.int(),
  seeds: z.int(),
  difference: number,
  interval,
  df: number,
  p: number,
  adjustedP: number,
  reason: z.string().nullable(),
});
export type HyperparameterEffect = z.infer<typeof hyperparameterEffect>;
export const importanceAnalysis = z
  .strictObject({
    analysis: z.literal("importance"),
    ...envelope,
    arm: z.string(),
    effects: z.array(hyperparameterEffect),
    /** Share of each main effect in the variance between configurations; only over a full grid with several seeds. */
    shares: z
      .array(
        z.strictObject({
          parameter: z.string(),
          share: number,
          /** Smallest and largest share when computed seed by seed. */
          range: interval,
        }),
      )
      .nullable(),
    /** Why there are no shares; null when there are. */
    sharesReason: z.string().nullable(),
  })
  .meta({ id: "ImportanceAnalysis" });
export type ImportanceAnalysis = z.infer<typeof importanceAnalysis>;
