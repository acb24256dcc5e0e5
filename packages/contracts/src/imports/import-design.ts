import { z } from "zod";
import { noiseSources } from "../protocol/execution.js";
import {
  type foreignFormat,
  foreignRun,
  foreignValue,
  type foreignWarning,
  type setAside,
} from "./foreign-runs.js";

/** What a column of a table of runs is in the design of a study. */
export const designRole = z.enum([
  "seed",
  "arm",
  "configuration",
  /** A function of a column of the configuration. */
  "bound",
  "constant",
  /** Says which run it is, where and when it ran, or where it wrote: no setting of the training. */
  "nuisance",
  "repeat",
]);
export type DesignRole = z.infer<typeof designRole>;

/** A parameter, a tag or a part of the runs' names, with what it is taken for. */
export const proposedColumn = z.strictObject({
  /** `lr`, `user_attrs.seed` for a tag, `name[seed]` or `name[2]` for a part of the run's name. */
  name: z.string(),
  from: z.enum(["param", "tag", "name"]),
  role: designRole,
  /** By what it is taken for that, in words. */
  because: z.string(),
  /** Of a bound column, the column that it is a function of. */
  of: z.string().nullable(),
  /** How many different values there are, and the first of them with the number of runs that have each. */
  distinct: z.int(),
  values: z.array(z.strictObject({ value: foreignValue, runs: z.int() })),
});
export type ProposedColumn = z.infer<typeof proposedColumn>;

/** How a value of the arm's column is executed, and what repeats of one cell show. */
export const proposedArm = z.strictObject({
  value: foreignValue,
  /** The arm's name in the study. */
  name: z.string(),
  deterministic: z.boolean(),
  /** Cells with at least two complete runs, and those of them whose runs are equal in every logged value. */
  repeatedCells: z.int(),
  equalCells: z.int(),
});

/** Runs that share configuration, seed and arm. */
export const importedCell = z.strictObject({
  configuration: z.string(),
  seed: z.int(),
  arm: z.string(),
  runs: z.int(),
  complete: z.int(),
});

/** Where one run comes to stand. */
export const placedRun = z.strictObject({
  sourceId: z.string(),
  name: z.string(),
  /** Null where the source holds too little of the run to place it. */
  configuration: z.string().nullable(),
  seed: z.int().nullable(),
  arm: z.string().nullable(),
  repeat: z.int().nullable(),
  status: foreignRun.shape.status,
  /** Why it is read in and left out of the analyses; null where it is not. */
  leftOut: z.string().nullable(),
});

export const importQuestion = z.strictObject({
  id: z.enum(["seed", "arm", "configuration", "runs", "metric", "commits"]),
  question: z.string(),
  /** What is proposed, and why. */
  proposed: z.string(),
});
export type ImportQuestion = z.infer<typeof importQuestion>;

export const proposedMetric = z.strictObject({
  name: z.string(),
  direction: z.enum(["maximize", "minimize"]).nullable(),
  at: z.enum(["last", "best"]),
});

/** The design that runs seem to have been made by. It is a proposal: whoever imports them decides. */
export const importProposal = z
  .strictObject({
    seed: z.string().nullable(),
    arm: z.string().nullable(),
    configuration: z.array(z.string()),
    constant: z.array(z.string()),
    nuisance: z.array(z.string()),
    /** Functions of another column: that column by name. */
    bound: z.record(z.string(), z.string()),
    repeats: z.string(),
    metric: proposedMetric.nullable(),
    columns: z.array(proposedColumn),
    /** All columns by name, tags and parts of names among them. */
    available: z.array(z.string()),
    arms: z.array(proposedArm),
    cells: z.array(importedCell),
    runs: z.array(placedRun),
    commits: z.array(z.strictObject({ commit: z.string(), runs: z.int() })),
    unbalanced: z.array(z.string()),
    unknowable: z.array(z.string()),
    questions: z.array(importQuestion).max(5),
    warnings: z.array(z.string()),
  })
  .meta({ id: "ImportProposal" });
export type ImportProposal = z.infer<typeof importProposal>;

const keptOrLeftOut = z.enum(["keep", "leave-out"]);

/** The answers to the questions of an import, and names; what is left open is as proposed. */
export const importDecisions = z
  .strictObject({
    /** Of the study. */
    name: z.string().trim().min(1).max(120).optional(),
    dataset: z.string().trim().min(1).max(120).optional(),
    /** A column; null: no seed is known. */
    seed: z.string().nullable().optional(),
    /** What the seed decides; the other sources of noise vary from run to run. */
    drives: z.array(z.enum(noiseSources)).optional(),
    /** A column, and how its values are executed; null: all runs were executed alike. */
    arm: z
      .strictObject({
        column: z.string(),
        deterministic: z.array(foreignValue).optional(),
      })
      .nullable()
      .optional(),
    /** Where there is no arm: whether all runs claim to be deterministic. */
    deterministic: z.boolean().optional(),
    configuration: z.array(z.string()).optional(),
    /** Columns that are no settings, beside those that are taken for none. */
    nuisance: z.array(z.string()).optional(),
    /** Runs that are read in whatever is chosen; left out, they are in no analysis. */
    unfinished: keptOrLeftOut.optional(),
    diverged: keptOrLeftOut.optional(),
    metric: z
      .strictObject({
        name: z.string().min(1),
        direction: z.enum(["maximize", "minimize"]),
        at: z.enum(["last", "best"]).default("last"),
      })
      .optional(),
    /** One study, or one for each commit. */
    commits: z.enum(["one", "several"]).optional(),
  })
  .meta({ id: "ImportDecisions" });
export type ImportDecisions = z.infer<typeof importDecisions>;

/** What inference needs of a run: everything but its histories. */
export const runFacts = foreignRun
  .pick({
    source: true,
    name: true,
    params: true,
    tags: true,
    status: true,
    startedAt: true,
    gitCommit: true,
    host: true,
    error: true,
    group: true,
    doubtful: true,
  })
  .extend({
    /** By name: points and the last step; points is 0 where there is a final value only. */
    metrics: z.record(
      z.string(),
      z.strictObject({ points: z.int(), lastStep: z.int(), finite: z.boolean() }),
    ),
    /** SHA-256 over all logged values that are no times; null where nothing was logged. */
    valuesDigest: z.string().nullable(),
    isFloat32: z.boolean(),
    /** Names of tables of cases. */
    tables: z.array(z.string()),
  });
export type RunFacts = z.infer<typeof runFacts>;

/** What was read, as far as a proposal needs it. */
export type ImportFacts = {
  format: z.infer<typeof foreignFormat>;
  tagsAre: string;
  runs: RunFacts[];
  setAside: z.infer<typeof setAside>[];
  warnings: z.infer<typeof foreignWarning>[];
};
