import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { analysisTable, provenance, verdict } from "./parts.js";

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
