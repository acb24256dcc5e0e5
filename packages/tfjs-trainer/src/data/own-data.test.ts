import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunRequest, rungKinds } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildTrainer } from "../program/build.js";
import { present } from "../program/errors.js";
import { putImage } from "../test-support/make-files.js";
import { type FinishedRun, runBundled } from "../test-support/run-bundled.js";
import { digestOf, eventsOf, rungOf } from "../test-support/run-events.js";
import { requestOf } from "../test-support/run-request.js";

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reprise-own-data-"));
  await buildTrainer();
  for (let i = 0; i < 24; i++) {
    for (const [folder, base] of [
      ["crack", 40],
      ["whole", 160],
    ] as const) {
      const path = join(root, "walls", folder, `photo${i % 8}-${i}.png`);
      await putImage(path, { width: 12, height: 12, colour: [base + i, base, 255 - base - i] });
    }
  }
  const declared =
    'kind: imageFolder\npositiveClass: crack\nimageSize: 8\ngroups:\n  photo: "/(photo[0-9]+)-"\nlicense: CC0\n';
  await writeFile(join(root, "walls", "dataset.yaml"), declared);
}, 180_000);
afterAll(() => rm(root, { recursive: true }));

const split = { train: 0.5, validation: 0.25, test: 0.25, seed: 1, groupBy: "photo" };
const parameters: RunRequest["parameters"] = {
  model: "cnn",
  filters: [4, 4],
  epochs: 2,
  batchSize: 8,
  shards: 4,
  cropScale: [0.6, 1],
  flip: "both",
  colorJitter: 0.2,
};
const walls = (change: Partial<RunRequest> = {}) =>
  runBundled(requestOf("fixed", parameters, { dataset: { name: "walls", split }, ...change }), {
    ...process.env,
    REPRISE_DATA: root,
  });
const unitsOf = (run: FinishedRun) => new Set(eventsOf(run, "progress").map(({ unit }) => unit));
const message = (run: FinishedRun) =>
  eventsOf(run, "error")
    .map(({ message: text, hint }) => `${text} ${hint}`)
    .join();

describe("images that a user brings", () => {
  test("train, augmented, to one digest on 1 and 2 threads; the second run finds them decoded", async () => {
    const first = await walls({ resources: { threads: 1, ranks: 1 } });
    expect(message(first)).toBe("");
    expect(unitsOf(first)).toEqual(new Set(["MB hashed", "images decoded", "epochs"]));
    const second = await walls({ resources: { threads: 2, ranks: 1 } });
    expect(unitsOf(second)).toEqual(new Set(["MB read", "epochs"]));
    expect(digestOf(first)).toMatch(/^[0-9a-f]{64}$/);
    for (const kind of rungKinds.filter((kind) => kind !== "environment"))
      expect(rungOf(second, kind), kind).toEqual(rungOf(first, kind));
    expect(eventsOf(first, "environment")[0]?.values.imageDecoder).toMatch(/^sharp \d.*libvips \d/);
    const predicted = eventsOf(first, "predictions").flatMap(({ ids }) => ids);
    expect(predicted).toHaveLength(24);
    for (const id of predicted) expect(id).toMatch(/^(crack|whole)\/photo\d-\d+\.png$/);
  });

  test("another image size, given normalisation and no augmentation are other runs; what would not be used is refused", async () => {
    const plain: RunRequest["parameters"] = {
      model: "cnn",
      filters: [4, 4],
      epochs: 1,
      batchSize: 8,
      shards: 4,
    };
    const [fitted, sized, given, table, lone] = await Promise.all([
      walls({ parameters: plain }),
      walls({ parameters: { ...plain, imageSize: 12 } }),
      walls({ parameters: { ...plain, inputMean: [0.5, 0.5, 0.5], inputStd: [0.25, 0.25, 0.25] } }),
      runBundled(requestOf("fixed", { flip: "horizontal" })),
      walls({ parameters: { ...plain, inputMean: [0.5] } }),
    ]);
    expect(new Set([fitted, sized, given].map((run) => rungOf(run, "dataset").get(0))).size).toBe(3);
    expect(new Set([fitted, sized, given].map(digestOf)).size).toBe(3);
    expect(message(table)).toMatch(/"flip" \(value "horizontal"\) does not fit a table of numbers/);
    expect(message(lone)).toContain("inputMean and inputStd belong together");
  });
});

describe("noise sources", () => {
  /** Rungs whose first difference tells a source; `configuration` and `environment` are the run's own. */
  const ladder = [
    "dataset",
    "dataOrder",
    "initialWeights",
    "step",
    "epoch",
    "finalWeights",
    "predictions",
  ] as const;
  const augmented: RunRequest["parameters"] = {
    hiddenUnits: [16],
    epochs: 1,
    batchSize: 32,
    dropout: 0.2,
    flip: "horizontal",
  };
  const dataset = {
    name: "digits",
    split: { train: 0.1, validation: 0.05, test: 0.85, seed: 1, groupBy: null },
  };
  const noise = requestOf("fixed", {}).noise;
  const run = (varied: Partial<RunRequest["noise"]>, repeat = 0) =>
    runBundled(requestOf("fixed", augmented, { dataset, noise: { ...noise, ...varied }, repeat }));
  /** The first differing rung and position. */
  const parting = (a: FinishedRun, b: FinishedRun) => {
    for (const kind of ladder)
      for (const [position, digest] of rungOf(a, kind))
        if (rungOf(b, kind).get(position) !== digest) return `${kind} ${position}`;
    return null;
  };
  let base: FinishedRun | null = null;
  const fixed = async () => {
    base ??= await run({});
    return base;
  };

  test.each([
    ["split", "dataset 0"],
    ["dataOrder", "dataOrder 1"],
    ["init", "initialWeights 0"],
    ["augmentation", "step 0"],
    ["dropout", "step 0"],
  ] as const)(
    "%s alone parts the ladders at %s, and two of its repeats from each other",
    async (source, first) => {
      const [whole, one, two] = await Promise.all([
        fixed(),
        run({ [source]: "varied" }),
        run({ [source]: "varied" }, 1),
      ]);
      expect(present(parting(whole, one), "The rung where a varied source differs")).toBe(first);
      expect(parting(one, two)).toBe(first);
      expect(rungOf(one, "configuration")).toEqual(rungOf(whole, "configuration"));
    },
  );

  test("with every source fixed, another repeat parts nowhere", async () => {
    expect(parting(await fixed(), await run({}, 1))).toBeNull();
  });
});
