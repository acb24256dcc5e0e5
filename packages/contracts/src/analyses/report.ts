import { z } from "zod";
import { metricName } from "../basics/metric-key.js";
import { id, instant } from "../basics/primitives.js";
import { presetDeviation } from "../catalogue/presets.js";
import { claim } from "../runs/claims.js";
import { analysisTable, printedTable, verdict } from "./parts.js";
import { tableLengths } from "./query.js";

/** One item of a reporting checklist, by its number, in words of our own. */
export const checklistItem = z.strictObject({
  number: z.string(),
  asks: z.string(),
  status: z.enum(["reported", "missing", "by-hand", "not-applicable"]),
  answer: z.string(),
});
export type ChecklistItem = z.infer<typeof checklistItem>;

export const checklist = z.strictObject({
  name: z.string(),
  source: z.string(),
  items: z.array(checklistItem),
});
export type Checklist = z.infer<typeof checklist>;

const facts = z.array(z.strictObject({ label: z.string(), value: z.string() }));

/** One page about a study: everything a reader needs to judge and to repeat it. */
export const studyReport = z
  .strictObject({
    title: z.string(),
    sweepId: id,
    generatedAt: instant,
    software: z.string(),
    /** Not all runs have ended, or some were left out: said at the top. */
    provisional: z.string().nullable(),
    question: z.string(),
    /** The answer before anything else: one sentence over all, then what is said of each thing that was asked. */
    answer: z.strictObject({
      headline: verdict.nullable(),
      rows: z.array(
        z.strictObject({ about: z.string(), tone: verdict.shape.tone, sentences: z.array(z.string()) }),
      ),
    }),
    design: facts,
    /** What the preset that the study was made from does otherwise than the published one; null without such a preset. */
    deviations: z
      .strictObject({
        preset: z.string(),
        /** Where the published side is known from, and whether the study still does what the preset does. */
        sentence: z.string(),
        items: z.array(presetDeviation),
      })
      .nullable(),
    /** How what is said of its runs is known, by the weakest word that holds for all of them. */
    claims: z.array(claim),
    /** What all environments share, once; of each the values that differ from the other environments. */
    environments: z.strictObject({
      shared: facts,
      each: z.array(z.strictObject({ id: z.string(), runs: z.int(), values: facts })),
    }),
    ran: facts,
    results: z.array(
      z.strictObject({
        analysis: z.string(),
        caption: z.string(),
        /** Method, correction, gaps, versions and digests: it stands below the table. */
        note: z.string(),
        table: analysisTable,
        /** The columns that fit a page, with cells as a reader wants them. */
        printed: printedTable,
        verdicts: z.array(verdict),
        notes: z.array(z.string()),
      }),
    ),
    limits: z.array(z.string()),
    /** Paragraphs by subject; `tests` belongs to them, a line an analysis. */
    methods: z.array(z.strictObject({ heading: z.string(), text: z.string() })),
    tests: z.array(z.string()),
    checklists: z.array(checklist),
  })
  .meta({ id: "StudyReport" });
export type StudyReport = z.infer<typeof studyReport>;

export const reportFormats = ["json", "markdown", "html", "latex"] as const;
export const reportQuery = z.strictObject({
  format: z.enum(reportFormats).default("json"),
  /** Of files to be read: answers, limits and methods on a page or two, or everything. */
  length: z.enum(tableLengths).default("full"),
  metric: metricName.optional(),
});
