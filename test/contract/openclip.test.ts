import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Parameters, parseSweepSpec, type RunRequest, trainerCapabilities } from "@reprise/contracts";
import { checkAgainstTrainer, configurationsOf, getPreset } from "@reprise/study";
import {
  type Candidate,
  describeTrainer,
  execute,
  requestOf,
  trainerCommand,
  trainerEnvironment,
} from "@reprise/trainers";
import { beforeAll, describe, expect, test } from "vitest";
import { findPython } from "./trainers/battery.js";

// OpenCLIP needs PyTorch, so a stand-in plays open_clip_train.main here: it takes its flags, switches cudnn.benchmark on as it does,
// and writes its files in their true formats. What the adapter does with them is real.

const python = findPython();
const adapter = fileURLToPath(new URL("../../packages/python/src/reprise/openclip.py", import.meta.url));
const packages = fileURLToPath(new URL("../../packages/python/src", import.meta.url));
const standIn = fileURLToPath(new URL("./openclip-stand-in", import.meta.url));

const parameters: Parameters = {
  model: "clip-vit-b-32",
  pretrained: "openai",
  learningRate: 5e-4,
  warmupSteps: 2000,
  scheduler: "constant",
  weightDecay: 0.2,
  cropScale: [0.7, 1],
  epochs: 2,
  batchSizePerRank: 1024,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-6,
  precision: "amp",
  gatherWithGrad: true,
  localLoss: false,
  gradCheckpointing: null,
};

describe.skipIf(python === null)("the OpenCLIP adapter", () => {
  const command = trainerCommand.parse({ name: "openclip", command: python ?? "python3", args: [adapter] });
  const candidate: Candidate = { command, dataset: "tiny-pairs", short: parameters, long: parameters };
  let data = "";
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "reprise-openclip-"));
    await mkdir(join(data, "tiny-pairs"));
    const rows = ["image_path,caption,split", 'a.png,"a lung, benign",train', "b.png,a colon,val"];
    await writeFile(join(data, "tiny-pairs", "pairs.csv"), rows.join("\n"));
  });

  async function run(changes: Partial<RunRequest> = {}, environment: Record<string, string> = {}) {
    const request = { ...(await requestOf(candidate)), task: "contrastive" as const, ...changes };
    const own = trainerEnvironment({ base: process.env, run: request });
    return execute(candidate, request, {
      environment: { ...own, PYTHONPATH: standIn, REPRISE_DATA: data, ...environment },
    });
  }
  const arm = (algorithms: "deterministic" | "default", autotune: boolean, tf32 = false) => ({
    name: "arm",
    execution: { order: "free" as const, algorithms, autotune, tf32 },
  });
  /** What lines of Python print as JSON, beside the stand-in. */
  async function printed(lines: string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(python ?? "python3", ["-c", lines.join("\n")], {
      env: { ...process.env, PYTHONPATH: [standIn, packages].join(delimiter), REPRISE_DATA: data },
    });
    return JSON.parse(stdout);
  }

  test("turns a configuration into flags, and reports what params.txt says was used", async () => {
    const { outcome, events, logs } = await run();
    expect(outcome).toMatchObject({ status: "succeeded", done: { selectedEpoch: 2 } });
    const hello = events[0];
    expect(hello).toMatchObject({
      type: "hello",
      effectiveParameters: {
        batchSizePerRank: 1024,
        warmupSteps: 2000,
        gradCheckpointing: null,
        precision: "amp",
      },
    });
    const disclosures = hello?.type === "hello" ? hello.disclosures.join(" ") : "";
    expect(disclosures).toMatch(/cudnn\.benchmark on by itself/);
    expect(disclosures).toMatch(/gradCheckpointing was left unset: OpenCLIP's own default is False/);
    expect(disclosures).toMatch(/1 training pairs, 1 validation pairs/);
    const told = logs.map((line) => JSON.stringify(line)).join("\n");
    for (const flag of [
      "--model ViT-B-32 --seed 0 --pretrained openai --force-quick-gelu --lr-scheduler const",
      "--aug-cfg scale=(0.7,1.0)",
      "--batch-size 1024 --warmup 2000 --lr 0.0005 --wd 0.2 --epochs 2 --precision amp --beta1 0.9 --beta2 0.98 --eps 1e-06",
      "--gather-with-grad",
    ])
      expect(told).toContain(flag);
    expect(told).not.toMatch(/--local-loss|--grad-checkpointing/);
    const series = (key: string) =>
      events.flatMap((event) =>
        event.type === "metric" && event.key === key ? [[event.steps[0], event.values[0]]] : [],
      );
    expect(series("trainLoss")).toEqual([
      [1, 2.1],
      [2, 2.1e-6],
    ]);
    expect(series("validationLoss")).toEqual([
      [1, 1.4],
      [2, 1.4],
    ]);
  });

  test("every switch of Table 2 has its flag, and what is off has none", async () => {
    const seen = await printed([
      "import json",
      "from reprise.openclip_adapter.flags import SWITCHES, flags_of",
      "names = [name for name, _, _ in SWITCHES]",
      "print(json.dumps([flags_of({**dict.fromkeys(names, on), 'scheduler': 'cosine'}, 7) for on in (True, False)]))",
    ]);
    const always = ["--model", "ViT-B-32", "--seed", "7", "--lr-scheduler", "cosine"];
    const switches = [
      "--gather-with-grad",
      "--local-loss",
      "--grad-checkpointing",
      "--use-bn-sync",
      "--ddp-static-graph",
    ];
    expect(seen).toEqual([[...always, ...switches], always]);
  });

  test.each([
    [
      "deterministic",
      false,
      {
        "rank0.cudnn.benchmark": false,
        "rank0.deterministicAlgorithms": true,
        "rank0.CUBLAS_WORKSPACE_CONFIG": ":4096:8",
      },
    ],
    [
      "default",
      false,
      {
        "rank0.cudnn.benchmark": false,
        "rank0.cudnn.deterministic": true,
        "rank0.deterministicAlgorithms": false,
      },
    ],
    ["default", true, { "rank0.cudnn.benchmark": true, "rank0.cudnn.deterministic": false }],
  ] as const)(
    "algorithms %s, autotune %s: the settings of the profile stand at the end",
    async (algorithms, autotune, expected) => {
      const { outcome, events } = await run({ arm: arm(algorithms, autotune) });
      expect(outcome.status).toBe("succeeded");
      const values = Object.assign(
        {},
        ...events.flatMap((event) => (event.type === "environment" ? [event.values] : [])),
      );
      expect(values).toMatchObject(expected);
    },
  );

  test("TF32 is what the arm says, in every profile", async () => {
    for (const [algorithms, autotune, tf32] of [
      ["deterministic", false, true],
      ["default", true, true],
      ["default", false, true],
      ["default", false, false],
    ] as const) {
      const { events } = await run({ arm: arm(algorithms, autotune, tf32) });
      const values = events.flatMap((event) => (event.type === "environment" ? [event.values] : []));
      expect(Object.assign({}, ...values)).toMatchObject({
        "rank0.cudnn.tf32": tf32,
        "rank0.cuda.matmul.tf32": tf32,
      });
    }
  });

  test("tells the versions of the libraries that trained, and what Reprise's own code saw there", async () => {
    const { events } = await run({ arm: arm("deterministic", false), seed: 7 });
    const values = events.flatMap((event) => (event.type === "environment" ? [event.values] : []));
    expect(Object.assign({}, ...values)).toMatchObject({ "torch.version": "2.13.0", "torch.threads": 1 });
    const looks = events.filter((event) => event.type === "observation");
    for (const [name, value] of [
      ["torch.use_deterministic_algorithms", true],
      ["torch.backends.cudnn.benchmark", false],
      ["torch.initial_seed", 7],
    ]) {
      expect(looks).toContainEqual(expect.objectContaining({ name, value, step: 0, observer: "reprise" }));
      expect(looks).toContainEqual(expect.objectContaining({ name, value, step: null, observer: "reprise" }));
    }
  });

  test("seeds as Figure 2 prints it: rank added for Python, NumPy and PyTorch, not for CUDA", async () => {
    const seen = await printed([
      "import json, random, torch",
      "from reprise.openclip_adapter.determinism import PROFILES",
      "found = {}",
      "for name, profile in PROFILES.items():",
      "    torch.calls.clear()",
      "    profile(40, 2, False)",
      "    found[name] = [torch.calls, random.random() == random.Random(42).random()]",
      "    found[name] = json.loads(json.dumps(found[name]))",
      "print(json.dumps(found))",
    ]);
    const figure2 = [
      [
        ["torch", 42],
        ["numpy", 42],
        ["cuda", 40],
        ["cuda all", 40],
      ],
      true,
    ];
    expect(seen).toEqual({ "figure2-literal": figure2, full: figure2, free: figure2 });
  });

  test("asks about the folders of LC25000 in the words of Table 6, and rates the answers", async () => {
    for (const [folder, file] of [
      ["colon_aca", "a1.jpeg"],
      ["colon_aca", "a2.jpeg"],
      ["colon_n", "n1.jpeg"],
    ] as const) {
      await mkdir(join(data, "lc25000", "images", folder), { recursive: true });
      await writeFile(join(data, "lc25000", "images", folder, file), "");
    }
    const seen = await printed([
      "import json",
      "from reprise.openclip_adapter.zero_shot import QUESTIONS, TEMPLATES, question_images, rates",
      "print(json.dumps({",
      "  'cases': [case[:2] for case in question_images('lc25000Colon')],",
      "  'absent': question_images('patchCamelyon'),",
      "  'templates': TEMPLATES,",
      "  'classes': {name: question['classes'] for name, question in QUESTIONS.items()},",
      // Two of three tumours are found, a score of exactly one half among them; one of two benign cases raises an alarm.
      "  'binary': rates([0, 0, 0, 1, 1], [[.9, .1], [.5, .5], [.4, .6], [.3, .7], [.8, .2]], 0),",
      "  'three': rates([0, 1, 2, 2], [[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]], None),",
      "}))",
    ]);
    expect(seen).toEqual({
      cases: [
        ["a1.jpeg", 0],
        ["a2.jpeg", 0],
        ["n1.jpeg", 1],
      ],
      absent: [],
      templates: [
        "a histopathology slide showing {c}",
        "histopathology image of {c}",
        "pathology tissue showing {c}",
        "presence of {c} tissue on image",
      ],
      classes: {
        lc25000Lung: ["Benign lung", "Lung adenocarcinoma", "Lung squamous cell carcinoma"],
        lc25000Colon: ["Colon adenocarcinoma", "Benign colonic tissue"],
        patchCamelyon: ["Lymph node", "Lymph node containing metastatic tumor tissue"],
      },
      binary: { Accuracy: 0.6, Sensitivity: 2 / 3, Specificity: 0.5 },
      three: { Accuracy: 0.75 },
    });
  });

  test("fails a run in which the settings did not hold, or a setting was not used", async () => {
    const broken = await run({}, { STAND_IN_BREAKS_SETTINGS: "1" });
    expect(JSON.stringify(broken.outcome)).toMatch(/settings of rank 0 did not hold/);
    const ignored = await run({}, { STAND_IN_IGNORES_DECAY: "1" });
    expect(JSON.stringify(ignored.outcome)).toMatch(/weightDecay was set to 0\.2, but OpenCLIP used 0\.0/);
    const silent = await run({}, { STAND_IN_ENDS_EARLY: "1" });
    expect(JSON.stringify(silent.outcome)).toMatch(/0 of 1 processes said how/);
    const absent = await run({ dataset: { ...(await requestOf(candidate)).dataset, name: "nowhere" } });
    expect(JSON.stringify(absent.outcome)).toMatch(/data set nowhere is not there/);
  });

  test("takes every configuration of clip/all", async () => {
    const capabilities = trainerCapabilities.parse(await describeTrainer(command));
    const all = getPreset("clip/all");
    const parts = all.ok ? all.value.parts : [];
    expect(parts).toHaveLength(4);
    for (const part of parts) {
      const preset = getPreset(part);
      const spec = preset.ok ? parseSweepSpec(preset.value.spec) : preset;
      if (!spec.ok) throw new Error(part);
      expect(configurationsOf(spec.value).length).toBeGreaterThan(4);
      // Without the data nothing else stands against them.
      const errors = checkAgainstTrainer(spec.value, [capabilities]);
      expect(errors.map(({ path }) => path)).toEqual(["dataset.name"]);
    }
  });
});
