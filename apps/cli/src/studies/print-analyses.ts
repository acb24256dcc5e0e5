import { printedAnalyses, type Sweep } from "@reprise/contracts";
import type { ApiClient } from "../server/api-client.js";
import { UserError } from "../user-error.js";

/** The tables of a sweep as the API exports them, so that terminal, notebook and browser show the same figures. */
export async function printAnalyses(api: ApiClient, sweep: Sweep): Promise<void> {
  for (const name of printedAnalyses) {
    // A study of fixed size has no looks.
    if (name === "sequential" && !sweep.spec.design) continue;
    const text = await api
      .text(`/sweeps/${sweep.id}/analyses/${name}?format=markdown`)
      .catch((error: unknown) => {
        if (error instanceof UserError) return `${name}: not for this study. ${error.message}`;
        throw error;
      });
    console.log(`\n${text}`);
  }
}
