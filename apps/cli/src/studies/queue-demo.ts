import { sweep, trainerList } from "@reprise/contracts";
import { z } from "zod";
import type { ApiClient } from "../server/api-client.js";

const anySweep = z.object({ items: z.array(z.unknown()) });
const presetDocument = z.object({ spec: z.unknown(), runCount: z.int() });

/**
 * On an empty database, queues the demonstration study, once its trainer has been announced where a worker is to come.
 *
 * @returns null where there are sweeps already
 */
export async function queueDemo(
  api: ApiClient,
  name: string,
  { worker }: { worker: boolean },
): Promise<{ runCount: number } | null> {
  const existing = await api.get("/sweeps?limit=1", anySweep);
  if (existing.items.length > 0) return null;
  if (worker) await trainerAnnounced(api, "tfjs");
  const { spec, runCount } = await api.get(`/presets/${name}`, presetDocument);
  await api.post(`/sweeps?preset=${name}`, spec, sweep, { "idempotency-key": `demo-${name}` });
  return { runCount };
}

async function trainerAnnounced(api: ApiClient, name: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const { items } = await api.get("/trainers", trainerList);
    if (items.some(({ capabilities }) => capabilities.name === name)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no worker has announced the trainer ${name}; see the worker's log`);
}
