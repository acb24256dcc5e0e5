import type { TruthCase } from "./truth-case.js";

/** A metric series is ordered by step and has one value per run, key and step. */
export const cases: TruthCase[] = [];
