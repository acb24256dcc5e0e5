import { fileURLToPath } from "node:url";
import { getRun, getSweep, listWorkers } from "@reprise/database";
import { expect, test } from "vitest";
import { tinyTrainer } from "../contract/trainers/battery.js";
import { workersOfFile } from "../support/worker-fixtures.js";

const { db, dispatcher, worker, sweep, until, ended } = await workersOfFile();

const capabilities = fileURLToPath(new URL("../contract/trainers/capabilities.json", import.meta.url));

test("a worker that cannot start its trainer takes no more runs", async () => {
  dispatcher();
  const broken = await worker({
    trainers: [{ name: "tiny", command: "/nonexistent/trainer", capabilities }],
  });
  const { id, runIds } = await sweep({ epochs: 1 }, [0, 1, 2, 3, 4, 5]);
  const self = await until(async () =>
    (await listWorkers(db)).find((known) => known.id === broken.id && known.status === "quarantined"),
  );
  expect(self.statusReason).toContain("could not be started 3 times");
  await worker({ name: "sound" });
  await ended(id);
  const runs = await Promise.all(runIds.map((runId) => getRun(db, runId)));
  // One run at most was burnt; all others found a sound worker.
  expect(runs.filter((run) => run?.status === "succeeded").length).toBeGreaterThanOrEqual(5);
});

test("one bad sweep is paused and does not stop the worker", async () => {
  dispatcher();
  const crasher = { name: "crasher", command: "sh", args: ["-c", "kill -9 $$"], capabilities };
  const { id: workerId } = await worker({ trainers: [crasher, tinyTrainer] });
  const bad = await sweep({ epochs: 1 }, [0, 1, 2, 3, 4, 5], { trainer: "crasher" });
  const paused = await until(async () => {
    const now = await getSweep(db, bad.id);
    return now?.status === "paused" && now;
  });
  expect(paused.runCounts.failed).toBeLessThanOrEqual(1);
  const good = await sweep({ epochs: 1 }, [0]);
  expect(await ended(good.id)).toMatchObject({ status: "succeeded" });
  expect((await listWorkers(db)).find((known) => known.id === workerId)?.status).toBe("ready");
});
