import { failureList, type Sweep } from "@reprise/contracts";
import { counted } from "../counted.js";
import type { ApiClient } from "../server/api-client.js";

/** Why runs of a sweep failed, a line per cause and what to do about it; nothing where none did. */
export async function printFailures(api: ApiClient, { id, runCounts }: Sweep): Promise<void> {
  if (runCounts.failed === 0) return;
  const { items } = await api.get(`/sweeps/${id}/failures`, failureList);
  for (const { count, message, hint, runIds } of items) {
    console.log(`${counted(count, "run")} failed: ${message}${hint === null ? "" : ` ${hint}`}`);
    if (runIds[0]) console.log(`  the first of them: ${runIds[0]}`);
  }
}
