import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SystemSample, systemSample } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { followGpus, parseGpuReading } from "./gpu-readings.js";
import { openHost, workerSample } from "./host.js";
import { createSystemSampler } from "./system-sampler.js";

const folder = () => mkdtemp(join(tmpdir(), "reprise-system-"));

describe("GPU readings", () => {
  test("a cell without a number is null, memory is bytes, other lines are nothing", () => {
    expect(parseGpuReading("1, 87, 2048, 81920, 310.52, 64")).toEqual({
      index: 1,
      utilizationPercent: 87,
      memoryUsedBytes: 2 ** 31,
      memoryBytes: 80 * 2 ** 30,
      powerWatts: 310.52,
      temperatureCelsius: 64,
    });
    expect(parseGpuReading("0, [N/A], 10, 100, [Not Supported], 41")).toMatchObject({
      utilizationPercent: null,
      powerWatts: null,
      temperatureCelsius: 41,
    });
    expect(parseGpuReading("Unable to determine the device handle")).toBeNull();
  });

  test("the latest line of each GPU counts; one that is silent gives nulls", async () => {
    const program = join(await folder(), "nvidia-smi");
    await writeFile(
      program,
      "#!/bin/sh\necho '0, 10, 1, 2, 100, 30'; echo '0, 90, 1, 2, 200, 31'; exec sleep 60\n",
    );
    await chmod(program, 0o755);
    const gpus = followGpus([0, 1], { everyMs: 60_000, command: program });
    await expect
      .poll(() => gpus.read([0, 1]).map(({ utilizationPercent }) => utilizationPercent), { timeout: 10_000 })
      .toEqual([90, null]);
    gpus.stop();
    const absent = followGpus([0], { everyMs: 1_000, command: "/nonexistent/nvidia-smi" });
    expect(absent.read([0])).toMatchObject([{ index: 0, powerWatts: null }]);
    absent.stop();
  });
});

describe("the machine", () => {
  test("tells processors, memory and disk, and each reader's own share of working time", async () => {
    const host = openHost({ dataDirectory: await folder(), gpuIndices: [], gpuEveryMs: 1_000 });
    const read = host.reader();
    const end = process.cpuUsage().user + 300_000;
    while (process.cpuUsage().user < end);
    const busy = read();
    expect(busy.hostCpuPercent).toBeGreaterThan(0);
    expect(busy.hostCpuPercent).toBeLessThanOrEqual(100);
    expect(busy.hostAvailableMemoryBytes).toBeGreaterThan(0);
    expect(busy.hostAvailableMemoryBytes).toBeLessThanOrEqual(busy.hostMemoryBytes);
    await expect.poll(() => workerSample(host, read, []).diskFreeBytes).toBeGreaterThan(0);
    host.stop();
    const nowhere = openHost({ dataDirectory: "/nonexistent", gpuIndices: [], gpuEveryMs: 1_000 });
    expect(nowhere.reader()().diskFreeBytes).toBeNull();
  });
});

describe.runIf(process.platform === "linux")("samples of a trainer (Linux)", () => {
  test("numbered from 0, with processor time that grows, memory and threads of the whole tree", async () => {
    const host = openHost({ dataDirectory: await folder(), gpuIndices: [], gpuEveryMs: 1_000 });
    const samples: SystemSample[] = [];
    const taken = new Map<number, () => void>();
    const sampler = createSystemSampler({
      host,
      gpuIndices: [],
      onSample: (sample) => {
        samples.push(systemSample.parse(sample));
        taken.get(sample.index)?.();
      },
    });
    const first = new Promise<void>((resolve) => taken.set(0, resolve));
    const busy =
      "const end = process.cpuUsage().user + 400_000; while (process.cpuUsage().user < end); console.log(1); process.stdin.resume();";
    const child = spawn("sh", ["-c", `"${process.execPath}" -e '${busy}'; true`], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    sampler.watch(child.pid ?? 0);
    await Promise.all([first, once(child.stdout, "data")]);
    sampler.now();
    child.stdin.end();
    await once(child, "exit");
    // Nothing is told of a process that has gone.
    sampler.now();
    sampler.stop();
    host.stop();
    expect(samples.length).toBeGreaterThanOrEqual(2);
    expect(samples.map(({ index }) => index)).toEqual(samples.map((_, place) => place));
    const [early] = samples;
    const late = samples.at(-1);
    expect(late?.processes).toBe(2);
    expect(late?.threads).toBeGreaterThan(2);
    expect(late?.residentMemoryBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(late?.cpuSeconds).toBeGreaterThanOrEqual(0.4);
    expect(late?.wallTime).toBeGreaterThan(early?.wallTime ?? Number.POSITIVE_INFINITY);
    expect(samples.every(({ gpus }) => gpus === null)).toBe(true);
  });
});
