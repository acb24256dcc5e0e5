import { spawnSync } from "node:child_process";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LeaseLostError } from "@reprise/database";
import { describe, expect, onTestFinished, test } from "vitest";
import { type AttemptWriterOptions, createAttemptWriter } from "./attempt-writer.js";
import type { WriteOperation } from "./write-operation.js";

type Failing = { with: Error; reachable: boolean } | null;

/** A writer whose other end keeps what arrives, and can be away. */
async function setUp(options: Partial<AttemptWriterOptions> = {}) {
  const written: WriteOperation[] = [];
  const told: string[] = [];
  const failures: Error[] = [];
  let failing: Failing = null;
  let tries = 0;
  const spoolDirectory = join(await mkdtemp(join(tmpdir(), "reprise-writer-")), "attempt");
  const writer = createAttemptWriter({
    perform: async (operation) => {
      tries += 1;
      if (failing) throw failing.with;
      written.push(operation);
    },
    isReachable: async () => failing?.reachable ?? true,
    batchMs: 10,
    spoolDirectory,
    onFailure: (error) => failures.push(error),
    onOutage: () => told.push("outage"),
    onRecovery: () => told.push("recovery"),
    ...options,
  });
  const loss = (step: number) =>
    writer.add((batch) =>
      batch.metric({ key: "loss", steps: [step], values: [1 / step], wallTimes: [step], direction: null }),
    );
  return {
    writer,
    written,
    told,
    failures,
    spoolDirectory,
    loss,
    tries: () => tries,
    setFailing: (how: Failing) => {
      failing = how;
    },
    batches: () => written.flatMap((operation) => (operation.kind === "batch" ? [operation.batch] : [])),
  };
}

const away: Failing = { with: new Error("ECONNREFUSED"), reachable: false };
const checkpoint = {
  kind: "checkpoint",
  checkpoint: { path: "/c", digest: "c", bytes: 1, step: 1, epoch: 1 },
} as const;

describe("attempt writer", () => {
  test("numbers batches from 0 and keeps single writes in their place", async () => {
    const { writer, written, batches, loss } = await setUp({ batchMs: 60_000 });
    await loss(1);
    await loss(2);
    await writer.write(checkpoint);
    await loss(3);
    await writer.drain();
    expect(written.map((operation) => operation.kind)).toEqual(["batch", "checkpoint", "batch"]);
    expect(batches().map((batch) => batch.batch)).toEqual([0, 1]);
    expect(batches().map((batch) => batch.metrics[0]?.steps)).toEqual([[1, 2], [3]]);
  });

  test("sends a batch by itself after its time, and none when there is nothing", async () => {
    const { batches, loss, writer } = await setUp();
    await writer.drain();
    expect(batches()).toEqual([]);
    await loss(1);
    await expect.poll(() => batches().length).toBe(1);
  });

  test("an outage loses and doubles nothing, and does not hold the trainer back", async () => {
    const { writer, batches, loss, setFailing, told, tries, failures } = await setUp();
    await loss(1);
    await expect.poll(() => batches().length).toBe(1);
    setFailing(away);
    await loss(2);
    await expect.poll(tries).toBeGreaterThan(3);
    for (let step = 3; step <= 50; step++) await loss(step);
    expect(told).toEqual(["outage"]);
    setFailing(null);
    await writer.drain();
    expect(told).toEqual(["outage", "recovery"]);
    expect(failures).toEqual([]);
    expect(batches().map((batch) => batch.batch)).toEqual([...batches().keys()]);
    const steps = batches().flatMap((batch) => batch.metrics.flatMap((metric) => metric.steps));
    expect(steps).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    // What gathers behind a write that waits becomes few batches.
    expect(batches().length).toBeLessThan(10);
  });

  test("a long outage goes to disk and comes back in order", async () => {
    const { writer, written, loss, setFailing, spoolDirectory } = await setUp({ memoryBytes: 2_500 });
    setFailing(away);
    for (let step = 1; step <= 10; step++) {
      await loss(step);
      const file = { path: `/c${step}`, digest: "c", bytes: 1 };
      await writer.write({ kind: "checkpoint", checkpoint: { ...file, step, epoch: step } });
    }
    await expect.poll(() => readdir(spoolDirectory).catch(() => [])).not.toHaveLength(0);
    setFailing(null);
    await writer.drain();
    const seen = written.map((operation) =>
      operation.kind === "batch"
        ? operation.batch.metrics[0]?.steps[0]
        : operation.kind === "checkpoint" && operation.checkpoint.path,
    );
    expect(seen).toEqual(Array.from({ length: 10 }, (_, at) => [at + 1, `/c${at + 1}`]).flat());
    await writer.abandon();
    await expect(readdir(spoolDirectory)).rejects.toThrow("ENOENT");
  });

  test("beyond what the disk may hold the trainer is held back until there is room", async () => {
    const { writer, setFailing } = await setUp({ memoryBytes: 0, spoolBytes: 2_500 });
    setFailing(away);
    await writer.write(checkpoint);
    await writer.write(checkpoint);
    let through = false;
    const third = writer.write(checkpoint).then(() => {
      through = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(through).toBe(false);
    setFailing(null);
    await third;
    await writer.drain();
  });

  test("a lost lease ends writing at once", async () => {
    const { writer, loss, setFailing, failures, tries } = await setUp();
    setFailing({ with: new LeaseLostError("run"), reachable: true });
    await loss(1);
    await expect(writer.drain()).rejects.toThrow(LeaseLostError);
    expect(failures).toHaveLength(1);
    expect(tries()).toBe(1);
    await loss(2);
    await writer.abandon();
    expect(tries()).toBe(1);
  });

  test("a write that has to wait for a lock is tried until it is through", async () => {
    const busy = Object.assign(new Error("canceling statement due to lock timeout"), {
      meta: { driverAdapterError: { cause: { originalCode: "55P03" } } },
    });
    const { writer, written, loss, setFailing, failures, tries } = await setUp();
    setFailing({ with: busy, reachable: true });
    await loss(1);
    await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(5);
    setFailing(null);
    await writer.drain();
    expect(failures).toEqual([]);
    expect(written).toHaveLength(1);
  });

  test("a full disk of the database is waited for, however long that takes", async () => {
    const { writer, batches, loss, setFailing, told, tries, failures } = await setUp();
    const full = Object.assign(new Error("could not extend file"), {
      meta: { driverAdapterError: { cause: { originalCode: "53100" } } },
    });
    setFailing({ with: full, reachable: true });
    await loss(1);
    await expect.poll(tries, { timeout: 30_000 }).toBeGreaterThan(5);
    setFailing(null);
    await writer.drain();
    expect(batches()).toHaveLength(1);
    expect(failures).toEqual([]);
    expect(told).toEqual(["outage", "recovery"]);
  });

  test("what waits for the database may find its own disk full, too", async ({ skip }) => {
    const disk = await mkdtemp(join(tmpdir(), "reprise-writer-"));
    const mount = (options: string) =>
      spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]).status === 0;
    // A page is room for a folder, and for nothing in it.
    if (!mount("size=4k,nr_inodes=2")) skip("this user may not mount a small disk");
    onTestFinished(() => void spawnSync("umount", ["--lazy", disk]));
    const { writer, written, loss, setFailing, failures } = await setUp({
      ...{ spoolDirectory: join(disk, "attempt"), memoryBytes: 1, batchMs: 60_000 },
    });
    setFailing(away);
    await loss(1);
    const held = writer.write(checkpoint);
    expect(await Promise.race([held.then(() => "stored"), delay(300, "held")])).toBe("held");
    expect(mount("remount,size=1m,nr_inodes=100")).toBe(true);
    await held;
    setFailing(null);
    await writer.drain();
    expect(written.map(({ kind }) => kind)).toEqual(["batch", "checkpoint"]);
    expect(failures).toEqual([]);
  });

  test("a write that the database refuses is given up after five tries", async () => {
    const { writer, loss, setFailing, failures, tries } = await setUp();
    setFailing({ with: new Error("value out of range"), reachable: true });
    await loss(1);
    await expect(writer.drain()).rejects.toThrow("value out of range");
    expect(tries()).toBe(5);
    expect(failures[0]?.message).toBe("value out of range");
  });
});
