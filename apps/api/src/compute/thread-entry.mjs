// Teaches the thread to read TypeScript, which options of the process do not do for threads on Node 20.
import { register } from "tsx/esm/api";

register();
export const {
  runStatistic,
  runAnalysis,
  runComparison,
  runVerificationEnd,
  runAudit,
  runReadTable,
  runReadYaml,
  runCheckJson,
  runLongReport,
  runLongStatistic,
  runImportCrate,
} = await import("./thread.ts");
