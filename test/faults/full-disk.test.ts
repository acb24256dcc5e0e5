import { chmodSync } from "node:fs";
import { join } from "node:path";
import { health, problem } from "@reprise/contracts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { apiAt, sweepUntil } from "../support/api.js";
import { fillDisk, mountSmallDisk, smallDiskMissing, unmountSmallDisk } from "../support/small-disk.js";
import { dataFolder, processTree, type RunningReprise, startReprise } from "../support/start-reprise.js";
import { smallWorkerFile } from "../support/worker-file.js";

const missing = smallDiskMissing();
if (missing) console.log(`left out: ${missing}`);

const folder = dataFolder();
const disk = join(folder.path, "disk");
let server: RunningReprise;
beforeAll(async () => {
  if (missing) return;
  chmodSync(folder.path, 0o755);
  mountSmallDisk(disk, 160);
  server = await startReprise(["--data", disk], {
    REPRISE_WORKER_CONFIG: smallWorkerFile(folder.path, 5),
    REPRISE_TOKEN: "",
  });
});
afterAll(async () => {
  if (missing) return;
  await server.stop();
  unmountSmallDisk(disk);
  folder.remove();
});

const epochs = 30;
const spec = (name: string, seeds: number) => ({
  ...{ name, dataset: "toy", base: { epochs, pauseMs: 40 } },
  seeds: Array.from({ length: seeds }, (_, seed) => seed),
  modes: { deterministic: { repeats: 1 } },
});

it.skipIf(missing)(
  "a disk that is full is said to be, ends nothing, and all goes on when there is room",
  async () => {
    const api = apiAt(server.url);
    const ready = async () => health.parse(await (await fetch(`${server.url}/readyz`)).json());
    expect((await ready()).checks.disk).toMatch(
      /^The disk of the data folder is nearly full: \d+ MiB free\.$/,
    );
    expect(server.printed()).toMatch(/disk +The disk of \S+ is nearly full: \d+ MiB free\./);
    const { id } = await api.createSweep(spec("goes on", 4));
    await sweepUntil(api, server.url, id, ({ runCounts }) => runCounts.succeeded >= 1);

    const giveBack = fillDisk(disk);
    /** What is answered to a study that needs room. */
    const refusal = async () => {
      const answer = await fetch(`${server.url}/api/v1/sweeps`, {
        ...{ method: "POST", headers: { "content-type": "application/json" } },
        body: JSON.stringify(spec("too much", 2_000)),
      });
      return { status: answer.status, body: await answer.json() };
    };
    const refused = await vi.waitUntil(
      async () => {
        const { status, body } = await refusal();
        expect([201, 503]).toContain(status);
        return status === 503 && problem.parse(body);
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(refused.detail).toMatch(/The disk of the database is full; nothing was written|cannot be reached/);
    expect((await ready()).checks.disk).toMatch(/^The disk of the data folder is full \(0 MiB free\)/);

    // Nor does it matter that a service has to be started again meanwhile.
    const isApi = ({ command }: { command: string }) => /main\.(js|ts) api$/.test(command);
    const [running] = processTree(server.process.pid ?? 0).filter(isApi);
    process.kill(running?.pid ?? Number.NaN, "SIGKILL");
    await vi.waitUntil(() => /api +api was ended by SIGKILL/.test(server.printed()), { timeout: 30_000 });
    await vi.waitUntil(() => /disk +The disk of \S+ is full/.test(server.printed()), { timeout: 30_000 });
    expect(server.process.exitCode).toBeNull();

    giveBack();
    const ended = await sweepUntil(api, server.url, id);
    expect(ended).toMatchObject({ status: "succeeded", runCounts: { succeeded: 4 } });
    for (const run of await api.runs(id))
      expect((await api.run(run.id)).summary.validationAccuracy?.count).toBe(epochs);
  },
  300_000,
);
