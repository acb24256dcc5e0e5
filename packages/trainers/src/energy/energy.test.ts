import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { energy } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { carbonIntensity } from "./carbon-intensity.js";
import { startEnergyMeter } from "./energy-meter.js";
import { sampleGpuPower } from "./gpu-power.js";
import { readProcessTree } from "./process-usage.js";
import { openRapl } from "./rapl.js";
import { energySettings } from "./settings.js";

const folder = () => mkdtemp(join(tmpdir(), "reprise-energy-"));

describe("carbon intensity", () => {
  test("the published table of energy follows from the place named after its paper", () => {
    const { gramsPerKWh } = carbonIntensity({ place: "cuda-randomness" });
    // Table VI, experiment runs: 275.22 kWh and 105.06 kg.
    expect((275.22 * gramsPerKWh) / 1000).toBeCloseTo(105.06, 1);
  });

  test("world average unless a place is named, in either case of its code", () => {
    expect(carbonIntensity()).toMatchObject({ place: "World", year: 2023, gramsPerKWh: 481 });
    expect(carbonIntensity({ place: "de" })).toMatchObject({ place: "Germany", gramsPerKWh: 381 });
  });

  test("a value given outright keeps its source; an unknown place is refused by the settings", () => {
    expect(carbonIntensity({ gramsPerKWh: 20, source: "our meter" }).source).toBe("our meter");
    expect(energySettings.safeParse({ place: "Atlantis" }).error?.message).toContain("Atlantis");
  });
});

describe("RAPL counters", () => {
  async function zone(root: string, name: string, label: string, microjoules: number) {
    await mkdir(join(root, name), { recursive: true });
    await writeFile(join(root, name, "name"), `${label}\n`);
    await writeFile(join(root, name, "max_energy_range_uj"), "1000000000\n");
    await writeFile(join(root, name, "energy_uj"), `${microjoules}\n`);
  }

  test("packages and memory are summed, parts of a package are not counted twice, a counter may start again", async () => {
    const root = await folder();
    await zone(root, "intel-rapl:0", "package-0", 999_000_000);
    await zone(root, "intel-rapl:0:0", "core", 500);
    await zone(root, "intel-rapl:0:1", "dram", 10_000_000);
    await zone(root, "intel-rapl:1", "package-1", 0);
    const rapl = openRapl(root);
    await zone(root, "intel-rapl:0", "package-0", 4_000_000);
    await zone(root, "intel-rapl:0:0", "core", 900_000_000);
    await zone(root, "intel-rapl:0:1", "dram", 12_000_000);
    await zone(root, "intel-rapl:1", "package-1", 7_000_000);
    expect(rapl?.read()).toEqual({ packageJoules: 12, dramJoules: 2 });
  });

  test("absent where the machine has none", async () => {
    expect(openRapl(await folder())).toBeNull();
    expect(openRapl("/nonexistent")).toBeNull();
  });
});

describe("GPU power", () => {
  test("is the integral of the sampled draw; without a reading there is no result", async () => {
    const program = join(await folder(), "nvidia-smi");
    await writeFile(
      program,
      "#!/bin/sh\necho '0, 100.00'; echo '1, [N/A]'; sleep 0.3; echo '0, 300.00'; exec sleep 60\n",
    );
    await chmod(program, 0o755);
    const power = sampleGpuPower([0, 1], program);
    const startedAt = performance.now();
    await expect.poll(() => power.samples(), { timeout: 10_000 }).toBe(2);
    const result = await power.stop();
    const seconds = (performance.now() - startedAt) / 1000;
    expect(result?.samples).toBe(2);
    expect(result?.joules).toBeGreaterThan(100 * seconds);
    expect(result?.joules).toBeLessThan(300 * seconds);
    await expect(sampleGpuPower([0], "/nonexistent/nvidia-smi").stop()).resolves.toBeNull();
  });
});

describe.runIf(process.platform === "linux")("use by a process tree (Linux)", () => {
  test("counts the work of children", async () => {
    const busy = "const end = process.cpuUsage().user + 400_000; while (process.cpuUsage().user < end);";
    const child = spawn("sh", ["-c", `"${process.execPath}" -e '${busy}'; echo done; read line`], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(child.stdout, "data");
    const usage = readProcessTree(child.pid ?? 0);
    child.stdin.end();
    expect(usage?.cpuSeconds).toBeGreaterThanOrEqual(0.4);
    expect(usage?.residentBytes).toBeGreaterThan(0);
    expect(readProcessTree(2 ** 30)).toBeNull();
  });
});

describe("the meter", () => {
  test("gives energy that follows from its own factors", async () => {
    const settings = energySettings.parse({ cpuTdpWatts: 100, place: "FR", pue: 1.5 });
    const meter = startEnergyMeter({ settings, gpuIndices: [] });
    const child = spawn(process.execPath, ["-e", "const t = Date.now(); while (Date.now() - t < 700);"]);
    meter.watch(child.pid ?? 0);
    await once(child, "exit");
    const result = energy.parse(await meter.stop());
    const f = (name: string) => Number(result.factors[name]);
    expect(result.gCO2e).toBeCloseTo(result.kWh * 1.5 * 56, 12);
    expect(result.factors).toMatchObject({ pue: 1.5, carbonPlace: "France", carbonYear: 2023 });
    if (result.factors.raplPackageJoules === undefined) {
      const joules = f("seconds") * (100 * f("cpuUtilisation") + f("ramWattsPerGib") * f("ramGib"));
      expect(result.kWh * 3.6e6).toBeCloseTo(joules, 6);
      expect(result.method).toContain("configured thermal design power × utilisation");
    }
    expect(result.kWh).toBeGreaterThan(0);
  });

  test("says so when it has to assume the power", async () => {
    const result = await startEnergyMeter({ settings: energySettings.parse({}), gpuIndices: [] }).stop();
    expect(result.method).toMatch(/4 W per hardware thread assumed|RAPL/);
    expect(result.factors.carbonSource).toContain("Ember");
  });
});
