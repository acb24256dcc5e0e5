import { absentCases } from "./evidence-absent.js";
import { digestCases } from "./evidence-digests.js";
import { recordCases } from "./evidence-record.js";
import type { TruthCase } from "./truth-case.js";

/** Digests, environments, treatment, data and split as what is known of them; absent values with their reason. */
export const cases: TruthCase[] = [...digestCases, ...recordCases, ...absentCases];
