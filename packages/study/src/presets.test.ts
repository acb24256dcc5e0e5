import { parseSweepSpec } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { expandSweep } from "./expand-sweep.js";
import { getPreset, listPresets } from "./presets.js";

describe("presets", () => {
  it("all parse, expand to the announced number of runs, and test what their plan names", () => {
    const presets = listPresets();
    expect(presets.map((preset) => preset.name)).toEqual([
      "cuda-randomness/cbis-ddsm",
      "cuda-randomness/cifar10",
      "cuda-randomness/laptop",
      "cuda-randomness/laptop-clinical",
      "cuda-randomness/laptop-ladder",
      "cuda-randomness/laptop-main",
      "cuda-randomness/laptop-placebo",
      "cuda-randomness/laptop-smooth",
      "cuda-randomness/sdnet2018",
      "quickstart",
    ]);
    for (const preset of presets.filter(({ parts }) => parts.length === 0)) {
      const spec = parseSweepSpec(preset.spec);
      if (!spec.ok) throw new Error(preset.name);
      expect(expandSweep(spec.value)).toHaveLength(preset.runCount);
      const plan = spec.value.analysisPlan;
      expect(plan?.margin).toHaveProperty(plan?.primaryMetric ?? "");
    }
  });

  it("has the quickstart that the first screen starts: 28 runs, two configurations, two seeds", () => {
    const preset = getPreset("quickstart");
    if (!preset.ok) throw new Error("missing");
    expect(preset.value.runCount).toBe(28);
    const spec = parseSweepSpec(preset.value.spec);
    expect(spec).toMatchObject({
      ok: true,
      value: {
        dataset: { name: "wdbc", split: { train: 0.45, validation: 0.15, test: 0.4 } },
        base: { model: "mlp", hiddenUnits: [64, 64], batchNorm: true, batchSize: 32, epochs: 60, shards: 8 },
        seeds: [0, 42],
      },
    });
    const runs = spec.ok ? expandSweep(spec.value) : [];
    expect(runs.filter((run) => run.arm === "det")).toHaveLength(8);
    expect(new Set(runs.map((run) => run.configurationLabel))).toEqual(
      new Set(["adam · lr 0.01", "sgd · lr 0.05"]),
    );
  });

  it("has the design of the CUDA-randomness paper: 480 runs", () => {
    const runs = listPresets().filter(({ name }) => /\/(cifar10|sdnet2018|cbis-ddsm)$/.test(name));
    expect(runs.map(({ runCount }) => runCount)).toEqual([110, 210, 160]);
  });

  it("has studies of several sweeps, whose runs are those of their parts", () => {
    const presets = listPresets();
    const studies = presets.filter(({ parts }) => parts.length > 0);
    expect(studies.map(({ name }) => name)).toContain("cuda-randomness/laptop");
    for (const study of studies) {
      const parts = study.parts.map((part) => presets.find(({ name }) => name === part));
      expect(study.spec).toBeNull();
      expect(study.runCount).toBe(parts.reduce((sum, part) => sum + (part?.runCount ?? Number.NaN), 0));
    }
  });

  it("names the nearest preset for an unknown one", () => {
    expect(getPreset("quikstart")).toEqual({
      ok: false,
      errors: [
        {
          path: "preset",
          message: "unknown preset",
          value: "quikstart",
          suggestion: 'Did you mean "quickstart"?',
        },
      ],
    });
  });
});
