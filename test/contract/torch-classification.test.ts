import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Parameters, parseSweepSpec, type SweepSpec, type TrainerEvent } from "@reprise/contracts";
import { checkAgainstTrainer, expandSweep, getPreset } from "@reprise/study";
import { type Candidate, describeTrainer, execute, requestOf } from "@reprise/trainers";
import { execa } from "execa";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { streamKey } from "../../packages/tfjs-trainer/src/arithmetic/streams.js";
import { dataFolders, loadDataset } from "../../packages/tfjs-trainer/src/data/datasets.js";
import { stratifiedSplit } from "../../packages/tfjs-trainer/src/data/split.js";
import { makeCifar10, makeSdnet2018, put } from "../../packages/tfjs-trainer/src/test-support/make-files.js";
import { python, torchMissing } from "../support/python.js";
import { torchClassification } from "./trainers/battery.js";

// The presets of the determinism paper in PyTorch, on small files in the true formats.

const missing = torchMissing();
if (missing) console.warn(`skipped: ${missing}`);

const weights = "resnet34-b627a593.pth";
const bundled = fileURLToPath(new URL("../../packages/tfjs-trainer/datasets", import.meta.url));

/** CBIS-DDSM with 19 published training mammograms and 5 test ones of 16 bits, of patients with two views each. */
async function makeMammograms(root: string): Promise<void> {
  for (const [set, finding, part, count] of [
    ["Mass-Training", "mass", "train", 12],
    ["Mass-Test", "mass", "test", 3],
    ["Calc-Training", "calc", "train", 7],
    ["Calc-Test", "calc", "test", 2],
  ] as const) {
    const lines = ["patient_id,pathology,image file path"];
    for (let i = 0; i < count; i++) {
      const patient = `P_${part}_${finding}_${Math.floor(i / 2)}`;
      const path = `${set}_${patient}_LEFT_${i % 2 ? "CC" : "MLO"}/1.3.6.1/1.3.6.2/000000`;
      lines.push(`${patient},${i % 3 ? "BENIGN" : "MALIGNANT"},${path}.dcm`);
      const grey = Uint16Array.from({ length: 60 * 40 }, (_, pixel) => (pixel * 17 + i * 2003) % 65_536);
      const image = sharp(grey, { raw: { width: 40, height: 60, channels: 1 } }).toColourspace("grey16");
      await put(join(root, "cbis-ddsm", `${path}.png`), await image.png().toBuffer());
    }
    await put(
      join(root, "cbis-ddsm", `${finding}_case_description_${part}_set.csv`),
      `${lines.join("\n")}\n`,
    );
  }
}

function specOf(name: string): SweepSpec {
  const preset = getPreset(`cuda-randomness/${name}`);
  const spec = preset.ok ? parseSweepSpec(preset.value.spec) : preset;
  if (!spec.ok) throw new Error(name);
  return spec.value;
}

/** Small enough for a processor: fewer filters, epochs and pixels; all else is the preset's. */
const smaller: Record<string, Parameters> = {
  cifar10: { widthMultiplier: 0.0625, epochs: 2, batchSize: 32 },
  sdnet2018: { widthMultiplier: 0.125, epochs: 2, batchSize: 16, imageSize: [32, 32] },
  "cbis-ddsm": { widthMultiplier: 0.0625, epochs: 2, imageSize: [46, 30], loaderWorkers: 2 },
};

const splits = ["cifar10-strict", "sdnet2018", "sdnet2018-strict", "cbis-ddsm", "cbis-ddsm-strict"].map(
  (name) => specOf(name).dataset,
);

describe.skipIf(missing !== null)("the published study in PyTorch", () => {
  let root = "";
  const command = () => ({ ...torchClassification, env: { ...torchClassification.env, REPRISE_DATA: root } });

  /** What lines of Python print as JSON. */
  async function printed(lines: string[]): Promise<unknown> {
    const { stdout } = await execa(python, ["-c", lines.join("\n")], { env: command().env });
    return JSON.parse(stdout);
  }

  /** Names of the cases in training, validation and test part, by data set and split; the weights that a preset begins with. */
  let found: unknown;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "reprise-torch-"));
    await Promise.all([makeCifar10({ root }, 20), makeSdnet2018({ root }, 3), makeMammograms(root)]);
    found = await printed([
      "import json, os, torch",
      "from reprise.trainers.classification import data",
      "from reprise.trainers.classification.data.split import divide",
      "from reprise.trainers.classification.models.resnet import ResNet",
      "from reprise.trainers.classification.streams import split_key",
      "folder = os.path.join(os.environ['REPRISE_DATA'], 'weights')",
      "os.makedirs(folder)",
      `torch.save(ResNet(34, 1000, width=0.0625).state_dict(), os.path.join(folder, '${weights}'))`,
      "answers = []",
      `for choice in json.loads(${JSON.stringify(JSON.stringify(splits))}):`,
      "    dataset, split = data.load(choice['name']), choice['split']",
      "    parts = divide(dataset, split, split_key(split['seed'], None))",
      "    answers.append([[dataset.names[index] for index in part] for part in parts])",
      "print(json.dumps(answers))",
    ]);
  });

  test("every preset is one that the trainer takes, but for arms that a processor cannot tell apart", async () => {
    const capabilities = await describeTrainer(command());
    for (const name of Object.keys(smaller)) {
      for (const kind of ["", "-configured", "-strict"]) {
        const errors = checkAgainstTrainer(specOf(`${name}${kind}`), [capabilities]);
        expect(errors.filter(({ message }) => !/no source of nondeterminism/.test(message))).toEqual([]);
      }
    }
  });

  test("cases are divided as the built-in trainer divides them", async () => {
    const folders = dataFolders(bundled, { REPRISE_DATA: root });
    const expected = await Promise.all(
      splits.map(async ({ name, split }) => {
        const dataset = await loadDataset(name, folders, { imageSize: 4, report: () => {}, warn: () => {} });
        const { train, validation, test } = stratifiedSplit(
          dataset,
          split,
          streamKey(split.seed, "split", null),
        );
        return [train, validation, test].map((ids) => Array.from(ids, (id) => dataset.caseNames?.[id]));
      }),
    );
    expect(found).toEqual(expected);
  });

  test.each(Object.keys(smaller))("%s in its deterministic arm repeats to the bit", async (name) => {
    const spec = specOf(name);
    const planned = expandSweep(spec).find(({ arm }) => arm === "det");
    const arm = spec.arms?.find(({ name }) => name === "det");
    if (!planned || !arm) throw new Error(`${name} has no arm det`);
    const parameters = { ...planned.params, ...smaller[name] };
    const candidate: Candidate = { command: command(), dataset: name, short: parameters, long: {} };
    const { dataset, objective = null, selection } = spec;
    const once = async () =>
      execute(
        candidate,
        await requestOf(candidate, {
          ...{ dataset, objective, selection, seed: planned.seed },
          ...{ arm: { name: "det", execution: arm.execution }, resources: { threads: 1, ranks: 1 } },
        }),
      );
    // How many steps have a digest follows from the time they take.
    const rungs = (events: readonly TrainerEvent[]) =>
      events.flatMap((event) =>
        event.type === "digest" && event.kind !== "step"
          ? [[event.kind, event.positions, event.digests]]
          : [],
      );
    const first = await once();
    expect(first.outcome).toMatchObject({ status: "succeeded" });
    expect(first.events[0]).toMatchObject({ type: "hello", effectiveParameters: parameters });
    // This interpreter has not begun before: what is set too late for it, or for its import of PyTorch, would be seen.
    const seen = (name: string) =>
      new Set(
        first.events.flatMap((event) =>
          event.type === "observation" && event.observer === "reprise" && event.name === name
            ? [event.value]
            : [],
        ),
      );
    expect(seen("torch.use_deterministic_algorithms")).toEqual(new Set([true]));
    expect(seen("torch.num_threads")).toEqual(new Set([1]));
    expect(seen("PYTHONHASHSEED")).toEqual(new Set([String(planned.seed)]));
    const key = spec.analysisPlan?.primaryMetric;
    expect(first.events).toContainEqual(expect.objectContaining({ type: "metric", key, steps: [2] }));
    expect(rungs((await once()).events)).toEqual(rungs(first.events));
  });
});
