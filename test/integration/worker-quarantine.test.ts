import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getAttempts, getRun, getSweep, listWorkers, readLogs } from "@reprise/database";
import { expect, onTestFinished, test } from "vitest";
import { tinyTrainer } from "../contract/trainers/battery.js";
import { mountSmallDisk, smallDiskMissing, unmountSmallDisk } from "../support/small-disk.js";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

const { db, dispatcher, worker, sweep, until, ended, stopAll } = await workersOfFile();

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

const scripted = (script: string) => ({
  ...{ name: "tiny", command: process.execPath, capabilities },
  args: ["-e", script],
});

const missing = smallDiskMissing();
if (missing) console.log(`left out: ${missing}`);

test.skipIf(missing)("a run whose own files fill the disk ends, and does not begin for ever", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-full-"));
  const disk = join(folder, "disk");
  mountSmallDisk(disk, 80);
  onTestFinished(async () => {
    await stopAll();
    unmountSmallDisk(disk);
    rmSync(folder, { recursive: true });
  });
  const greedy = `process.stdin.once("data", (text) => {
    const file = require("node:fs").openSync(JSON.parse(text).outputDirectory + "/large", "w");
    for (;;) require("node:fs").writeSync(file, Buffer.alloc(2 ** 20));
  });`;
  dispatcher();
  await worker({ trainers: [scripted(greedy)], dataDirectory: disk });
  const { id, runIds } = await sweep({ epochs: 1 }, [0]);
  await ended(id);
  expect(await getRun(db, firstOf(runIds))).toMatchObject({
    attempt: 3,
    error: {
      kind: "infrastructure",
      message:
        "The disk of the worker one was full until the files of this run were removed: " +
        "Error: ENOSPC: no space left on device, write (attempt 3 of 3)",
    },
  });
});

test("the end of a long log is kept where the worker itself fails", async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "reprise-no-store-"));
  onTestFinished(async () => {
    await stopAll();
    rmSync(dataDirectory, { recursive: true });
  });
  writeFileSync(join(dataDirectory, "artifacts"), "no folder");
  const program = new URL("../contract/trainers/tiny-trainer.mjs", import.meta.url).href;
  const talkative = `process.stdout.write(("x".repeat(8000) + "\\n").repeat(2200), () => import("${program}"));`;
  dispatcher();
  await worker({ trainers: [scripted(talkative)], dataDirectory });
  const { runIds } = await sweep({ epochs: 1 }, [0], { checkpointEveryEpochs: 1 });
  const runId = firstOf(runIds);
  const first = await until(async () => {
    const [attempt] = await getAttempts(db, runId);
    return attempt?.error && attempt;
  });
  expect(first.error?.message).toMatch(/^The worker failed: /);
  const logs = await readLogs(db, runId, { attempt: 1, after: -1, limit: 10_000 });
  const texts = logs?.items.map(({ text }) => text) ?? [];
  const cut = texts.findIndex((text) => text.startsWith("The log is long"));
  expect(cut).toBeGreaterThan(0);
  expect(texts.slice(cut + 1).some((text) => text.startsWith("xxx"))).toBe(true);
});
