import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sweep } from "@reprise/contracts";
import { openLive } from "@reprise/database";
import { createWorker, readWorkerConfig } from "@reprise/worker";
import { type ApiUnderTest, runDispatcher } from "../integration/api-harness.js";

/** The program that does not do what it was asked, as a worker's configuration names it. */
const overridingTrainer = {
  name: "overriding",
  command: process.execPath,
  args: [fileURLToPath(new URL("../contract/trainers/overriding-trainer.mjs", import.meta.url))],
};

/** Two deterministic and four free repeats of one seed by that program; `parameters` are its own. */
const overrideSpec = (parameters: Record<string, number | boolean>) => ({
  name: "an overriding program",
  trainer: overridingTrainer.name,
  dataset: "toy",
  base: parameters,
  seeds: [42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 4 } },
  analysisPlan: { primaryMetric: "testAccuracy" },
});

const endOf = async (api: ApiUnderTest, id: string): Promise<void> => {
  const live = await openLive({ url: api.config.databaseUrl });
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const end = live.onEvent(() => {
          end();
          resolve();
        });
        // An event may have come before anybody listened.
        setTimeout(resolve, 500);
      });
      const { status } = await api.get(`/sweeps/${id}`, sweep);
      if (status === "succeeded") return;
      if (status === "failed" || status === "cancelled") throw new Error(`the study has ${status}`);
      await changed;
    }
  } finally {
    await live.close();
  }
};

const trained = new Map<string, Promise<string>>();

async function train(api: ApiUnderTest, parameters: Record<string, number | boolean>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "reprise-override-"));
  const worker = createWorker({
    ...readWorkerConfig({ DATABASE_URL: api.config.databaseUrl, REPRISE_DATA_DIR: folder }),
    name: "override",
    logLevel: "silent",
    trainers: [overridingTrainer],
  });
  try {
    runDispatcher(api);
    await worker.start();
    const { id } = await api.createSweep(overrideSpec(parameters));
    await endOf(api, id);
    return id;
  } finally {
    await worker.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The id of that study, trained once by a real worker. */
export function overrideStudy(api: ApiUnderTest, parameters: Record<string, number | boolean> = {}) {
  const key = JSON.stringify(parameters);
  const study = trained.get(key) ?? train(api, parameters);
  trained.set(key, study);
  return study;
}
