import { z } from "zod";
import { metricName } from "../basics/metric-key.js";
import { id, instant } from "../basics/primitives.js";
import { presetDeviation } from "../catalogue/presets.js";
import { claim } from "../runs/claims.js";
import { analysisTable, verdict } from "./parts.js";

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
    environments: z.array(z.strictObject({ id: z.string(), runs: z.int(), values: facts })),
    ran: facts,
    results: z.array(
      z.strictObject({
        analysis: z.string(),
        caption: z.string(),
        table: analysisTable,
        /** Cells as a reader wants them, rounded by their uncertainty; null prints as a dash. */
        printed: z.array(z.array(z.string().nullable())),
        verdicts: z.array(verdict),
        notes: z.array(z.string()),
      }),
    ),
    tests: z.array(z.string()),
    limits: z.array(z.string()),
    methods: z.string(),
    checklists: z.array(checklist),
  })
  .meta({ id: "StudyReport" });
export type StudyReport = z.infer<typeof studyReport>;

export const reportFormats = ["json", "markdown", "html", "latex"] as const;
export const reportQuery = z.strictObject({
  format: z.enum(reportFormats).default("json"),
  metric: metricName.optional(),
});
