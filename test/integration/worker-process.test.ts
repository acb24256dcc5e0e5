import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, stat, truncate } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtInTrainer, canonicalJson } from "@reprise/contracts";
import {
  cancelRun,
  getAttempts,
  getRun,
  getSweep,
  readLogs,
  readMetrics,
  recoverLostRuns,
} from "@reprise/database";
import { expect, onTestFinished, test } from "vitest";
import { tinyTrainer } from "../contract/trainers/battery.js";
import { programVariable } from "../support/program.js";
import { python } from "../support/python.js";
import { smallWorkerFile } from "../support/worker-file.js";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

const { db, dispatcher, worker, workerProcess, sweep, until, ended, lossSteps, sawEpoch } =
  await workersOfFile();

test("when a worker is killed its trainer ends, and another worker goes on from the checkpoint to the same result", async () => {
  dispatcher();
  const parameters = { epochs: 30, pauseMs: 60 };
  const undisturbed = await sweep(parameters, [5]);
  const reference = await worker();
  await ended(undisturbed.id);
  await reference.stop();

  const { id, runIds } = await sweep(parameters, [5], { checkpointEveryEpochs: 2 });
  const runId = firstOf(runIds);
  const doomed = await workerProcess();
  const trainerPid = await doomed.trainerPid;
  await until(async () => (await db.prisma.checkpoint.count({ where: { runId } })) >= 2);
  process.kill(doomed.child.pid ?? 0, "SIGKILL");
  await once(doomed.child, "exit");
  await expect.poll(() => isRunning(trainerPid), { timeout: 10_000 }).toBe(false);

  expect((await getRun(db, runId))?.status).toBe("running");
  expect(await recoverLostRuns(db, new Date(Date.now() + 60_000))).toEqual([{ runId, requeued: true }]);
  await worker({ name: "rescuer" });
  expect(await ended(id)).toMatchObject({ status: "succeeded" });

  const [expected, run] = await Promise.all([getRun(db, firstOf(undisturbed.runIds)), getRun(db, runId)]);
  expect(run).toMatchObject({ attempt: 2, workerName: "rescuer", digest: expected?.digest });
  expect(await getAttempts(db, runId)).toMatchObject([{ status: "lost" }, { status: "succeeded" }]);
  expect(await lossSteps(runId)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  const series = async (of: string) =>
    canonicalJson((await readMetrics(db, of, {}))?.series.trainLoss?.values);
  expect(await series(runId)).toBe(await series(firstOf(undisturbed.runIds)));
  const resumed = await readLogs(db, runId, { attempt: 2, after: -1, limit: 10 });
  expect(resumed?.items[0]?.text).toMatch(/resumed at step [1-9]/);
});

test("a checkpoint that is not whole is not gone on from: the run begins anew, and its log says so", async () => {
  dispatcher();
  const first = await worker();
  const { id, runIds } = await sweep({ epochs: 60, pauseMs: 60 }, [5], { checkpointEveryEpochs: 2 });
  const runId = firstOf(runIds);
  await until(async () => (await db.prisma.checkpoint.count({ where: { runId } })) >= 2);
  await first.stop();
  const { path } = await db.prisma.checkpoint.findFirstOrThrow({
    where: { runId },
    orderBy: { step: "desc" },
  });
  await truncate(path, (await stat(path)).size - 1);
  await worker({ name: "next" });
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  expect(await lossSteps(runId)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
  const begun = await readLogs(db, runId, { attempt: 2, after: -1, limit: 1 });
  expect(begun?.items[0]?.text).toMatch(/, from the beginning\.$/);
});

test("SIGTERM gives the run back and ends it with exit code 0", async () => {
  dispatcher();
  const { runIds } = await sweep({ epochs: 1_000, pauseMs: 50 }, [0]);
  const { child, trainerPid } = await workerProcess();
  const pid = await trainerPid;
  await sawEpoch(firstOf(runIds), 1);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(isRunning(pid)).toBe(false);
  expect(await getRun(db, firstOf(runIds))).toMatchObject({ status: "queued", attempt: 1 });
  expect(await cancelRun(db, firstOf(runIds))).toMatchObject({ ok: true });
});

test.each([
  0,
  // As is the default: for so long runs may go on when their worker is to end.
  5,
])(
  "a job whose processes are all told to stop gives its run back, though the trainer ended first: with a grace of %i s",
  async (grace) => {
    dispatcher();
    const { runIds } = await sweep({ epochs: 1_000, pauseMs: 50 }, [0]);
    const { child, trainerPid } = await workerProcess(tinyTrainer, grace);
    const pid = await trainerPid;
    await sawEpoch(firstOf(runIds), 1);
    process.kill(pid, "SIGTERM");
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await getRun(db, firstOf(runIds))).toMatchObject({ status: "queued", attempt: 1, error: null });
    expect(await getAttempts(db, firstOf(runIds))).toMatchObject([{ status: "lost" }]);
    expect(await cancelRun(db, firstOf(runIds))).toMatchObject({ ok: true });
  },
);

test("so does one whose program handles the stop itself, and ends with exit code 0", async () => {
  dispatcher();
  const script = fileURLToPath(new URL("../scripts/stops-itself.py", import.meta.url));
  const name = "stops-itself";
  const stopped = await worker({
    ...{ name, shutdownGraceMs: 5_000 },
    trainers: [{ name, command: `"${python}" "${script}" {x}`, describe: false }],
  });
  const { runIds } = await sweep({ x: 1 }, [0], { trainer: name, dataset: "made up" });
  const runId = firstOf(runIds);
  const pid = await until(async () => {
    const logs = await readLogs(db, runId, { after: -1, limit: 10 });
    return logs?.items.map(({ text }) => /^trains as (\d+)$/.exec(text)?.[1]).find(Boolean);
  });
  process.kill(Number(pid), "SIGTERM");
  await expect.poll(() => isRunning(Number(pid)), { timeout: 10_000 }).toBe(false);
  await stopped.stop();
  expect(await getRun(db, runId)).toMatchObject({ status: "queued", attempt: 1, error: null });
  expect(await getAttempts(db, runId)).toMatchObject([{ status: "lost" }]);
  expect(await cancelRun(db, runId)).toMatchObject({ ok: true });
});

test("reprise worker --drain in a job trains what is queued and ends with exit code 0", async () => {
  dispatcher();
  const { id, runIds } = await sweep({ epochs: 2 }, [0], { trainer: builtInTrainer });
  const folder = await mkdtemp(join(tmpdir(), "reprise-job-"));
  const child = spawn(process.execPath, [process.env[programVariable] ?? "", "worker", "--drain"], {
    env: {
      ...process.env,
      ...{ DATABASE_URL: db.url, REPRISE_WORKER_CONFIG: smallWorkerFile(folder, 1) },
      ...{ REPRISE_DATA_DIR: folder, REPRISE_PYTHON: "", REPRISE_WORKER_NAME: "", SLURM_JOB_ID: "4711" },
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await getSweep(db, id)).toMatchObject({ status: "succeeded" });
  expect(await getRun(db, firstOf(runIds))).toMatchObject({ attempt: 1, workerName: `${hostname()}-4711` });
});

/** A process that has ended but that nobody has waited for still takes signals: on Linux its state tells. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
