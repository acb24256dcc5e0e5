import { cp, mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunRequest } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildTrainer } from "../../program/build.js";
import { makeLc25000, put } from "../../test-support/make-files.js";
import { writeDigits, writeShard } from "../../test-support/make-pairs.js";
import { type FinishedRun, runBundled } from "../../test-support/run-bundled.js";
import { digestOf, eventsOf, rungOf, seriesOf } from "../../test-support/run-events.js";
import { requestOf } from "../../test-support/run-request.js";

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const pairs = 96;
let root = "";
const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const question = `zeroShot:\n  - dataset: digits\n    name: whichDigit\n    cases: 200\n    templates: ["a scan of the digit {c}", "number {c}"]\n    labels: { ${words.map((word, digit) => `"${digit}": ${word}`).join(", ")} }\n  - dataset: labelled\n    name: ownDigit\n    templates: ["number {c}"]\n`;
const grey = "imageSize: 8\nchannels: 1\n";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reprise-own-pairs-"));
  await buildTrainer();
  const scans = join(root, "scans", "png");
  const digits = await writeDigits(scans, pairs);
  await put(
    join(root, "scans", "dataset.yaml"),
    `kind: imageText\nlayout: table\nfile: pairs.csv\nimage: file\ncaption: caption\nimages: png\ngroups: [clip]\n${grey}${question}`,
  );
  await put(
    join(root, "labelled", "dataset.yaml"),
    `kind: imageTable\nfile: cases.csv\nimage: file\nlabel: digit\nclasses: ["0", "1", "2", "3"]\ngroups: [clip]\nsubgroups: [half]\n${grey}`,
  );
  await cp(scans, join(root, "labelled", "png"), { recursive: true });
  const few = digits.filter(({ digit }) => digit < 4);
  const cases = few.map(({ file, digit }, i) => `png/${file},${digit},${file.split("_")[0]},${i % 2}`);
  await put(join(root, "labelled", "cases.csv"), `file,digit,clip,half\n${cases.join("\n")}\n`);
  const rows = digits.map(({ file, caption }) => `${file},"${caption}",${file.split("_")[0]}`);
  await put(join(root, "scans", "pairs.csv"), `file,caption,clip\n${rows.join("\n")}\n`);
  await put(
    join(root, "archives", "dataset.yaml"),
    `kind: imageText\nlayout: webdataset\nshards: "digits-{00..02}.tar"\ngroups: { clip: "^(clip[0-9]+)_" }\n${grey}${question}`,
  );
  await put(
    join(root, "plain", "dataset.yaml"),
    `kind: imageText\nlayout: table\nfile: pairs.csv\nimage: file\ncaption: caption\nimages: png\ngroups: [clip]\n${grey}`,
  );
  await cp(join(root, "scans", "png"), join(root, "plain", "png"), { recursive: true });
  await cp(join(root, "scans", "pairs.csv"), join(root, "plain", "pairs.csv"));
  for (const shard of [0, 1, 2]) {
    const members: [string, string | Uint8Array][] = [];
    for (const { file, caption } of digits.slice((shard * pairs) / 3, ((shard + 1) * pairs) / 3))
      members.push([file, await readFile(join(scans, file))], [file.replace("png", "txt"), caption]);
    await writeShard(join(root, "archives", `digits-0${shard}.tar`), members);
  }
}, 180_000);
afterAll(() => rm(root, { recursive: true }));

const parameters: RunRequest["parameters"] = {
  model: "clip",
  width: 16,
  layers: 1,
  heads: 2,
  embedDim: 16,
  contextLength: 16,
  batchSizePerRank: 8,
  epochs: 3,
  optimizer: "adamw",
  learningRate: 3e-3,
  cropScale: [0.8, 1],
};
const split = { train: 0.8, validation: 0.2, test: 0, seed: 1, groupBy: "clip" };

const run = (change: Partial<RunRequest> = {}, name = "scans", environment: NodeJS.ProcessEnv = {}) =>
  runBundled(
    requestOf("fixed", parameters, {
      task: "contrastive",
      dataset: { name, split },
      resources: { threads: 2, ranks: 2 },
      ...change,
    }),
    { ...process.env, REPRISE_DATA: root, ...environment },
  );
const message = (finished: FinishedRun) =>
  eventsOf(finished, "error")
    .map(({ message: text, hint }) => `${text} ${hint}`)
    .join();

describe("pairs that a user brings", () => {
  let first: FinishedRun;
  beforeAll(async () => {
    first = await run();
  });

  test("train; a question is asked on another set after every epoch, and answered case by case", () => {
    expect(message(first)).toBe("");
    expect([...seriesOf(first, "validationLoss").keys()]).toEqual([1, 2, 3]);
    expect([...seriesOf(first, "testWhichDigitAccuracy").keys()]).toEqual([1, 2, 3]);
    const [predictions, labelled, ...others] = eventsOf(first, "predictions");
    expect(others).toEqual([]);
    // What the other set knows of its cases is told with the answers: two pictures of a clip are one group.
    expect(labelled?.question?.name).toBe("ownDigit");
    const { groups = {}, subgroups = {}, ids = [] } = labelled ?? {};
    expect([groups.clip?.length, subgroups.half?.length]).toEqual([ids.length, ids.length]);
    expect(new Set(groups.clip).size).toBeLessThan(ids.length);
    expect(new Set(subgroups.half)).toEqual(new Set(["0", "1"]));
    expect(predictions).toMatchObject({
      split: "test",
      question: { name: "whichDigit", positiveClass: null },
    });
    expect([predictions?.ids.length, new Set(predictions?.ids).size]).toEqual([200, 200]);
    // Drawn evenly: about twenty cases of each digit.
    for (const digit of words.keys())
      expect(predictions?.labels.filter((label) => label === digit).length).toBeGreaterThan(17);
    const disclosed = eventsOf(first, "hello")[0]?.disclosures.join(" ");
    expect(disclosed).toContain("Question whichDigit is asked on 200 images of digits, drawn evenly");
    expect(disclosed).toMatch(/The \d\d training pictures are decoded when their turn comes/);
    expect(eventsOf(first, "environment")[0]?.values.imageDecoder).toMatch(/^sharp \d/);
  });

  test("end with one digest in a repeat on one thread, on four, and from archives of the same pairs", async () => {
    const [repeat, four, archives] = await Promise.all([
      run({ repeat: 1, resources: { threads: 1, ranks: 2 } }),
      run({ resources: { threads: 4, ranks: 2 } }),
      run({}, "archives"),
    ]);
    expect(message(archives)).toBe("");
    expect(digestOf(first)).toMatch(/^[0-9a-f]{64}$/);
    expect([repeat, four, archives].map(digestOf)).toEqual(Array(3).fill(digestOf(first)));
    for (const finished of [repeat, four])
      for (const kind of ["configuration", "dataset", "step", "epoch", "predictions"])
        expect(rungOf(finished, kind), kind).toEqual(rungOf(first, kind));
    // The same pictures, captions and predictions, but other files.
    expect(rungOf(archives, "step")).toEqual(rungOf(first, "step"));
    expect(rungOf(archives, "predictions")).toEqual(rungOf(first, "predictions"));
    expect(rungOf(archives, "dataset")).not.toEqual(rungOf(first, "dataset"));
  });

  test("train by what shapes gradients and updates: each change parts the ladder where it acts", async () => {
    const short = {
      ...parameters,
      epochs: 1,
      cropScale: null,
      scheduler: "cosine",
      warmupSteps: 1,
      weightDecay: 0.2,
    };
    const brief = (change: RunRequest["parameters"], ranks = 2) =>
      run({ parameters: { ...short, ...change }, resources: { threads: 1, ranks } }, "plain");
    const base = await brief({});
    expect(message(base)).toBe("");
    const changes: [RunRequest["parameters"], ranks?: number][] = [
      [{ gatherWithGrad: false }],
      [{ warmupSteps: 2 }],
      [{ scheduler: "constant" }],
      [{ weightDecay: 0 }],
      [{ batchSizePerRank: 4 }, 4],
    ];
    const runs = await Promise.all(changes.map(([change, ranks]) => brief(change, ranks)));
    expect(runs.map(message)).toEqual(changes.map(() => ""));
    const parted = runs.map((other) => {
      const steps = [...rungOf(base, "step")];
      return steps.find(([step, digest]) => rungOf(other, "step").get(step) !== digest)?.[0];
    });
    expect(Object.fromEntries(changes.map(([change], i) => [Object.keys(change)[0], parted[i]]))).toEqual({
      gatherWithGrad: 0,
      warmupSteps: 0,
      // The first step after warm-up has the peak rate with either.
      scheduler: 2,
      weightDecay: 0,
      // Twice as many ranks of half as many pairs: the same loss, summed in other parts.
      batchSizePerRank: 0,
    });
  });

  test("one of which is damaged end the run when its turn comes, naming the sample; classification is refused", async () => {
    const classified = await runBundled(requestOf("fixed", {}, { dataset: { name: "scans", split } }), {
      ...process.env,
      REPRISE_DATA: root,
    });
    expect(message(classified)).toMatch(/holds images with captions.*task: contrastive/);
    const torn = await writeDigits(join(root, "torn", "png"), pairs);
    await put(
      join(root, "torn", "dataset.yaml"),
      `kind: imageText\nlayout: table\nfile: pairs.csv\nimage: file\ncaption: caption\nimages: png\n${grey}`,
    );
    const rows = torn.map(({ file, caption }) => `${file},"${caption}"`);
    await put(join(root, "torn", "pairs.csv"), `file,caption\n${rows.join("\n")}\n`);
    await truncate(join(root, "torn", "png", "clip40_image_80.png"), 60);
    // With normalisation given, nothing is decoded before it is trained on.
    const given = { ...parameters, inputMean: [0.5], inputStd: [0.25] };
    const damaged = await run({
      parameters: given,
      dataset: { name: "torn", split: { ...split, groupBy: "image" } },
    });
    expect(message(damaged)).toMatch(/clip40_image_80.png is damaged or no image.*Replace it/);
    expect(eventsOf(damaged, "error")[0]?.kind).toBe("user");
  });

  test("in colour are asked about LC25000 in the words of the histopathology study", async () => {
    await makeLc25000({ root }, 3);
    const digits = await writeDigits(join(root, "tissue", "png"), 24);
    await put(
      join(root, "tissue", "dataset.yaml"),
      "kind: imageText\nlayout: table\nfile: pairs.tsv\nimage: filepath\ncaption: title\nimageSize: 16\nzeroShot: [lc25000-lung, lc25000-colon]\n",
    );
    await put(
      join(root, "labelled", "dataset.yaml"),
      `kind: imageTable\nfile: cases.csv\nimage: file\nlabel: digit\nclasses: ["0", "1", "2", "3"]\ngroups: [clip]\nsubgroups: [half]\n${grey}`,
    );
    const few = digits.filter(({ digit }) => digit < 4);
    const cases = few.map(({ file, digit }, i) => `png/${file},${digit},${file.split("_")[0]},${i % 2}`);
    await put(join(root, "labelled", "cases.csv"), `file,digit,clip,half\n${cases.join("\n")}\n`);
    const rows = digits.map(({ file, caption }) => `png/${file}\t${caption}`);
    await put(join(root, "tissue", "pairs.tsv"), `filepath\ttitle\n${rows.join("\n")}\n`);
    const outputDirectory = join(root, "shown");
    const request = {
      parameters: { ...parameters, patchSize: 8, epochs: 1 },
      dataset: { name: "tissue", split: { train: 0.8, validation: 0.2, test: 0, seed: 1, groupBy: null } },
      outputDirectory,
      thumbnails: { known: [] },
    };
    const asked = await run(request, "tissue");
    expect(message(asked)).toBe("");
    const [lung, colon] = eventsOf(asked, "predictions");
    expect([lung?.question?.name, lung?.labels]).toEqual(["lc25000Lung", [1, 1, 1, 0, 0, 0, 2, 2, 2]]);
    expect(colon?.question).toMatchObject({ name: "lc25000Colon", positiveClass: 1 });
    expect([...seriesOf(asked, "testLc25000ColonSensitivity").keys()]).toEqual([1]);
    expect(lung?.ids[0]).toMatch(/^lung_image_sets\/lung_/);

    // A small picture of every case of either question.
    const sheets = eventsOf(asked, "thumbnails");
    expect(sheets.map(({ split: of, sheet }) => [of, sheet?.ids])).toEqual([
      ["test", lung?.ids],
      ["test", colon?.ids],
    ]);
    expect(new Set(sheets.map(({ sheet }) => sheet?.path)).size).toBe(2);

    // Pictures of the sets were read from the file they were decoded into; from memory they are the same.
    await put(join(root, "no-folder"), "");
    const [again, inMemory] = await Promise.all([
      run(request, "tissue"),
      run(request, "tissue", { REPRISE_CACHE: join(root, "no-folder") }),
    ]);
    expect(
      eventsOf(inMemory, "log")
        .map((event) => event.message)
        .join(),
    ).toMatch(/cannot be kept/);
    for (const other of [again, inMemory])
      for (const kind of ["configuration", "dataset", "step", "epoch", "predictions"])
        expect(rungOf(other, kind), kind).toEqual(rungOf(asked, kind));
  });
});
