import type { ApiClient } from "./api-client.js";

/** The tables of a sweep as the API exports them, so that terminal, notebook and browser show the same figures. */
export async function printAnalyses(api: ApiClient, sweepId: string): Promise<void> {
  for (const name of ["determinism", "significance", "classification"]) {
    console.log(`\n${await api.text(`/sweeps/${sweepId}/analyses/${name}?format=markdown`)}`);
  }
}
