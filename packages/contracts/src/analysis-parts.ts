import { z } from "zod";
import { analysisTable, provenance, verdict } from "./analyses.js";
import { wireNumber } from "./numbers.js";

/** A figure, or null where there is none. */
export const number = wireNumber.nullable();
export const interval = z.strictObject({ low: number, high: number });
/** What every analysis has beside its rows. */
export const envelope = {
  provenance,
  verdicts: z.array(verdict),
  notes: z.array(z.string()),
  table: analysisTable,
};
