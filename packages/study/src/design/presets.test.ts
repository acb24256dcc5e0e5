import { parseSweepSpec, partSizes } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { getReference } from "../references/load.js";
import { configurationsOf, expandSweep } from "./expand-sweep.js";
import { getPreset, listPresets } from "./presets.js";

function specOf(name: string) {
  const preset = getPreset(`cuda-randomness/${name}`);
  const spec = preset.ok ? parseSweepSpec(preset.value.spec) : preset;
  if (!spec.ok) throw new Error(name);
  return spec.value;
}

describe("presets", () => {
  it("all parse, expand to the announced number of runs, and test what their plan names", () => {
    const presets = listPresets();
    expect(presets.map((preset) => preset.name)).toEqual([
      "clip/all",
      "clip/laptop",
      "clip/laptop-noise",
      "clip/laptop-set1",
      "clip/laptop-set2",
      "clip/laptop-set3",
      "clip/laptop-set4",
      "clip/set1",
      "clip/set2",
      "clip/set3",
      "clip/set4",
      "cuda-randomness/built-in",
      "cuda-randomness/cbis-ddsm",
      "cuda-randomness/cbis-ddsm-built-in",
      "cuda-randomness/cbis-ddsm-configured",
      "cuda-randomness/cbis-ddsm-strict",
      "cuda-randomness/cifar10",
      "cuda-randomness/cifar10-built-in",
      "cuda-randomness/cifar10-configured",
      "cuda-randomness/cifar10-strict",
      "cuda-randomness/configured",
      "cuda-randomness/laptop",
      "cuda-randomness/laptop-clinical",
      "cuda-randomness/laptop-ladder",
      "cuda-randomness/laptop-main",
      "cuda-randomness/laptop-placebo",
      "cuda-randomness/laptop-smooth",
      "cuda-randomness/published",
      "cuda-randomness/sdnet2018",
      "cuda-randomness/sdnet2018-built-in",
      "cuda-randomness/sdnet2018-configured",
      "cuda-randomness/sdnet2018-strict",
      "cuda-randomness/strict",
      "one-ulp",
      "patients",
      "quickstart",
      "torch/laptop",
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

  it("has the design of the CUDA-randomness paper, by its text and by its code", () => {
    const runs = (study: string) => {
      const preset = getPreset(`cuda-randomness/${study}`);
      return preset.ok ? preset.value.runCount : null;
    };
    expect(["published", "strict", "built-in", "configured"].map(runs)).toEqual([480, 480, 480, 280]);
    expect(["cifar10", "sdnet2018", "cbis-ddsm"].map(runs)).toEqual([210, 160, 110]);
  });

  it("has the settings of the authors' code for PyTorch", () => {
    const [adam, sgd] = ["cifar10", "sdnet2018"].map((name) => specOf(name).search);
    const betas = { beta1: 0.851436, beta2: 0.999689, amsgrad: true };
    expect(adam).toMatchObject({
      configurations: [
        { optimizer: "adam", learningRate: 0.01, ...betas },
        { optimizer: "sgd", learningRate: 0.01, momentum: 0.9, weightDecay: 0.0005 },
      ],
    });
    expect(sgd).toMatchObject({
      configurations: [
        { optimizer: "adam", learningRate: 0.001, ...betas },
        { optimizer: "sgd", learningRate: 0.0075, momentum: 0.9, weightDecay: 0.0005 },
      ],
    });
    for (const name of ["cifar10", "sdnet2018", "cbis-ddsm"]) {
      expect(specOf(name).arms).toMatchObject([
        { name: "det", execution: { algorithms: "deterministic", autotune: false }, repeats: 1 },
        { name: "free", execution: { algorithms: "default", autotune: true } },
      ]);
    }
    // Nothing but what its name says.
    for (const kind of ["configured", "strict"]) {
      const { name, description, arms, dataset, objective, selection, analysisPlan, ...same } = specOf(
        `sdnet2018-${kind}`,
      );
      expect(specOf("sdnet2018")).toMatchObject(same);
    }
    expect(specOf("sdnet2018-strict").dataset.split.groupBy).toBe("photo");
    expect(specOf("cbis-ddsm-strict").dataset.split).toMatchObject({ groupBy: "patient" });
    expect(specOf("cifar10-strict")).toMatchObject({
      selection: { epoch: "bestValidation" },
      objective: { metric: "validationAccuracy" },
    });
  });

  it("names what the built-in presets do otherwise than the paper and its code, and claims nothing as its own", () => {
    const presets = listPresets();
    // A study of several sweeps shows the lists of its parts; the quickstart follows no published study.
    const silent = presets.filter(({ deviations }) => deviations.length === 0).map(({ name }) => name);
    expect(silent).toEqual([
      ...["clip/all", "clip/laptop"],
      ...["built-in", "configured", "laptop", "published", "strict"].map((name) => `cuda-randomness/${name}`),
      "one-ulp",
      "patients",
      "quickstart",
      "torch/laptop",
    ]);
    for (const { name, description, deviations, source } of presets) {
      expect(description).not.toContain("those here are ours");
      if (deviations.length === 0) continue;
      expect(source).toMatch(/paper/);
      const named = deviations.map(({ what }) => what);
      expect(new Set(named).size).toBe(named.length);
      if (!name.startsWith("cuda-randomness/")) continue;
      for (const what of ["Loader", "Software"]) expect(named, name).toContain(what);
      if (!/laptop|built-in/.test(name)) {
        for (const what of ["Random numbers", "Changes of images", "TF32"])
          expect(named, name).toContain(what);
        continue;
      }
      for (const what of ["Network", "Epochs", "Batch", "Adam", "SGD", "Schedule", "Split", "Arms"])
        expect(named, name).toContain(what);
      expect(named.join()).toMatch(/Augmentation|Normalisation of images/);
    }
  });

  it("tells of itself what its document says: numbers under “here” are those of the spec", () => {
    const here = (name: string) => {
      const preset = getPreset(`cuda-randomness/${name}`);
      const spec = preset.ok ? parseSweepSpec(preset.value.spec) : preset;
      if (!preset.ok || !spec.ok) throw new Error(name);
      const says = new Map(preset.value.deviations.map(({ what, here }) => [what, here]));
      return { says, spec: spec.value, configurations: configurationsOf(spec.value) };
    };
    for (const name of ["cifar10-built-in", "sdnet2018-built-in", "cbis-ddsm-built-in"]) {
      const { says, spec, configurations } = here(name);
      expect(says.get("Epochs")).toBe(String(spec.base.epochs));
      expect(says.get("Batch")).toMatch(
        new RegExp(`^${spec.base.batchSize} .*, ${Number(spec.base.batchSize) / 8} (?:cases|images)$`),
      );
      for (const { params } of configurations) {
        const optimizer = says.get(params.optimizer === "adam" ? "Adam" : "SGD") ?? "";
        expect(optimizer).toContain(`Learning rate ${params.learningRate}, `);
        expect(optimizer).toContain(
          `weight decay ${Number(params.weightDecay).toFixed(5).replace(/0+$/, "")}`,
        );
      }
      const size = says.get("Image size");
      if (size) expect(size).toContain(`${spec.base.imageSize} × ${spec.base.imageSize}`);
    }
    for (const name of ["smooth", "main", "placebo", "clinical", "ladder"]) {
      const { says, spec, configurations } = here(`laptop-${name}`);
      expect(says.get("Epochs")).toBe(String(spec.base.epochs));
      expect(says.get("Batch")).toContain(
        `${spec.base.batchSize} cases in ${spec.base.shards} logical shards`,
      );
      for (const optimizer of ["adam", "sgd"] as const) {
        const rates = configurations
          .filter(({ params }) => params.optimizer === optimizer)
          .map(({ params }) => String(params.learningRate));
        const said = says
          .get(optimizer === "adam" ? "Adam" : "SGD")
          ?.match(/(?<=^Learning rates? )[\d., and]+(?=, )/)?.[0];
        expect(said?.split(/, | and /) ?? [], `${name} ${optimizer}`).toEqual(rates);
      }
      const sizes = partSizes(spec.dataset.name === "digits" ? 1797 : 569, spec.dataset.split);
      expect(says.get("Split")).toBe(
        `${sizes[0]} train, ${sizes[1]} validate and ${sizes[2]} test, drawn with seed ${spec.dataset.split.seed}`,
      );
    }
    expect(here("sdnet2018-built-in").spec).toMatchObject({
      selection: { epoch: "bestValidation" },
      objective: { metric: "validationLoss", direction: "minimize" },
    });
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

  it("has R1 to R23 of the CLIP study to the letter; what its tables leave out is inherited or unset", () => {
    const reference = getReference("clip-hyperparameters");
    if (!reference.ok) throw new Error("missing");
    const table = reference.value.tables.find(({ name }) => name === "Tables 2–5");
    const keys = table?.columns.map(({ key }) => key) ?? [];
    const printed = new Map(
      table?.rows.map((row) => [row[0], Object.fromEntries(row.map((cell, at) => [keys[at], cell]))]),
    );
    const all = getPreset("clip/all");
    const parts = all.ok ? all.value.parts : [];
    const configurations = parts.flatMap((part) => {
      const preset = getPreset(part);
      const spec = preset.ok ? parseSweepSpec(preset.value.spec) : preset;
      if (!spec.ok) throw new Error(part);
      expect(spec.value).toMatchObject({ seeds: [0], resources: { ranks: 4 }, trainer: "openclip" });
      return configurationsOf(spec.value);
    });
    expect(configurations.map(({ label }) => label)).toEqual([...printed.keys()]);
    const mark = { "✓": true, "×": false } as const;
    const isMark = (cell: unknown): cell is keyof typeof mark => cell === "✓" || cell === "×";
    for (const { label, params } of configurations) {
      const row = printed.get(label) ?? {};
      expect(params).toMatchObject({
        warmupSteps: Number(row.warmupSteps),
        learningRate: Number(row.learningRate),
        scheduler: row.scheduler?.toLowerCase(),
        weightDecay: Number(row.weightDecay),
        cropScale: [Number(row.cropScaleMin), 1],
        epochs: Number(row.epochs),
        batchSizePerRank: 1024,
        optimizer: "adamw",
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-6,
      });
      const onlyInSet1 = [
        "gatherWithGrad",
        "precision",
        "localLoss",
        "gradCheckpointing",
        "batchNormSync",
        "ddpStaticGraph",
      ];
      if (row.set === "1") {
        for (const key of onlyInSet1) expect(params[key]).toBe(isMark(row[key]) ? mark[row[key]] : row[key]);
      } else {
        // From R3, the baseline; the last three contradict each other in the paper and stay unset.
        const inherited = { gatherWithGrad: true, precision: "amp", localLoss: false };
        expect(params).toMatchObject(inherited);
        for (const key of onlyInSet1.slice(3)) expect(params[key]).toBeNull();
      }
    }
  });
});
