import type { AnalysisName, Sweep } from "@reprise/contracts";
import type { ApiClient } from "../server/api-client.js";
import { UserError } from "../user-error.js";

/** The tables of the determinism paper (I extremes, II and III determinism, IV runtime, V tests, VI energy), then rates. */
const printed = [
  "extremes",
  "determinism",
  "runtime",
  "significance",
  "configurations",
  "energy",
  "classification",
] as const satisfies readonly AnalysisName[];

/** The tables of a sweep as the API exports them, so that terminal, notebook and browser show the same figures. */
export async function printAnalyses(api: ApiClient, sweep: Sweep): Promise<void> {
  for (const name of printed) {
    const text = await api
      .text(`/sweeps/${sweep.id}/analyses/${name}?format=markdown`)
      .catch((error: unknown) => {
        if (error instanceof UserError) return `${name}: not for this study. ${error.message}`;
        throw error;
      });
    console.log(`\n${text}`);
  }
}
