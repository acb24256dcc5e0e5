import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { decodeNumber, type MetricInfo, type RunRequest } from "@reprise/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { describeTfjsTrainer, tfjsTrainerCommand } from "../index.js";
import { runBundled, startBundled } from "../test-support/run-bundled.js";
import { digestOf, eventsOf, seriesOf } from "../test-support/run-events.js";
import { type Order, requestOf } from "../test-support/run-request.js";
import { buildTrainer } from "./build.js";

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await buildTrainer();
}, 180_000);

const small: RunRequest["parameters"] = { hiddenUnits: [16], epochs: 3, batchSize: 32 };

describe("a run", () => {
  test("announces itself first, ends with done, and reports every metric in every epoch", async () => {
    const run = await runBundled(requestOf("fixed", small));
    expect(run.exitCode).toBe(0);
    expect(run.events[0]?.type).toBe("hello");
    expect(run.events.at(-1)?.type).toBe("done");
    const [hello] = eventsOf(run, "hello");
    expect(hello?.effectiveParameters).toMatchObject({
      model: "mlp",
      hiddenUnits: [16],
      optimizer: "adam",
      beta1: 0.9,
      shards: 8,
    });
    expect(hello?.effectiveParameters).not.toHaveProperty("momentum");
    expect(hello?.backend).toEqual({ requested: "auto", used: "wasm" });
    const perSplit = ["Loss", "Accuracy", "BalancedAccuracy", "Auc", "F1", "Sensitivity", "Specificity"];
    const keys = [
      "trainLoss",
      "trainAccuracy",
      ...["validation", "test"].flatMap((split) => perSplit.map((name) => split + name)),
    ];
    for (const key of keys) expect([...seriesOf(run, key).keys()], key).toEqual([1, 2, 3]);
    expect(new Set(eventsOf(run, "metric").map((event) => event.key))).toEqual(new Set(keys));
    expect(eventsOf(run, "embedding").map(({ epoch, vector }) => [epoch, vector.length])).toEqual([
      [1, 32],
      [2, 32],
      [3, 32],
    ]);
    expect(eventsOf(run, "progress").at(-1)).toMatchObject({ done: 3, total: 3 });
    expect(eventsOf(run, "environment")[0]?.values).toMatchObject({
      backend: "wasm",
      wasmSimd: true,
      threads: 2,
      tfjsCore: "4.22.0",
    });
  });

  test("threads that were started before the request came train to the same bits as threads started for it", async () => {
    const request = requestOf("fixed", small);
    // A worker tells the number of threads by this variable; where it told another one, threads are started anew.
    const run = (threads: string) => runBundled(request, { ...process.env, OMP_NUM_THREADS: threads });
    const [ahead, anew] = await Promise.all([run("2"), run("1")]);
    const told = ({ events }: typeof ahead) =>
      events
        .filter(({ type }) => type === "environment" || type === "predictions")
        .map((event) => JSON.stringify(event));
    expect(eventsOf(ahead, "environment")[0]?.values).toMatchObject({ threads: 2 });
    expect(told(anew)).toEqual(told(ahead));
    expect(digestOf(ahead)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(anew)).toBe(digestOf(ahead));
  });

  test("a probe reports the activations before the last layer, the same in repeats, and changes no digest", async () => {
    const short = { ...small, epochs: 2 };
    const asking = requestOf("fixed", { ...short, probeCases: 5 });
    const [first, repeat, plain] = await Promise.all(
      [asking, { ...asking, repeat: 1 }, requestOf("fixed", short)].map((request) => runBundled(request)),
    );
    if (!first || !repeat || !plain) throw new Error("A run is missing.");
    const of = (run: typeof first, kind: string) => eventsOf(run, "embedding").filter((e) => e.of === kind);
    const probes = of(first, "probe");
    expect(probes.map(({ epoch, shape }) => [epoch, shape])).toEqual([
      [1, [5, 16]],
      [2, [5, 16]],
    ]);
    expect(of(repeat, "probe")).toEqual(probes);
    expect(of(plain, "probe")).toEqual([]);
    const rungs = (run: typeof first) =>
      eventsOf(run, "digest").flatMap(({ kind, positions, digests }) =>
        positions.map((position, i) => `${kind} ${position} ${digests[i]}`),
      );
    // Stretches may be cut anywhere, rungs are the same.
    expect(rungs(first).toSorted()).toEqual(rungs(plain).toSorted());
    expect(rungs(first).filter((rung) => rung.startsWith("finalWeights"))).toHaveLength(1);

    // The reported weights turn the activations into the log odds of the first test cases by id, up to the biases.
    const weights = of(first, "lastLayerWeights").at(-1)?.vector.map(decodeNumber) ?? [];
    const activations = probes.at(-1)?.vector.map(decodeNumber) ?? [];
    const test = eventsOf(first, "predictions").find((event) => event.split === "test");
    const scores = new Map(test?.ids.map((id, i) => [Number(id), (test.scores[i] ?? []).map(decodeNumber)]));
    const firstCases = [...scores.keys()].toSorted((a, b) => a - b).slice(0, 5);
    const offsets = firstCases.map((id, row) => {
      const [p = Number.NaN, q = Number.NaN] = scores.get(id) ?? [];
      const units = activations.slice(row * 16, (row + 1) * 16);
      const logit = (column: number) =>
        units.reduce((sum, unit, i) => sum + unit * (weights[2 * i + column] ?? Number.NaN), 0);
      return Math.log(q / p) - (logit(1) - logit(0));
    });
    expect(offsets).toHaveLength(5);
    for (const offset of offsets) expect(offset).toBeCloseTo(offsets[0] ?? Number.NaN, 3);
  });

  test("predictions agree with the reported metrics; malignant (class 0) is the positive class", async () => {
    const run = await runBundled(requestOf("fixed", small));
    const test = eventsOf(run, "predictions").find((event) => event.split === "test");
    if (!test) throw new Error("No test predictions.");
    expect(test.labels).toHaveLength(228);
    const malignant = test.labels.flatMap((label, i) => (label === 0 ? [Number(test.scores[i]?.[0])] : []));
    expect(malignant).toHaveLength(85);
    const found = malignant.filter((score) => score >= 0.5).length;
    expect(seriesOf(run, "testSensitivity").get(3)).toBeCloseTo(found / 85, 12);
    expect(test.threshold).toBe(0.5);
  });

  test("the threshold can be chosen on validation data", async () => {
    const threshold = { rule: "sensitivityOnValidation", value: 1 } as const;
    const run = await runBundled(requestOf("fixed", small, { threshold }));
    expect([...seriesOf(run, "validationSensitivity").values()]).toEqual([1, 1, 1]);
    const validation = eventsOf(run, "predictions").find((event) => event.split === "validation");
    const lowest = Math.min(
      ...(validation?.labels.flatMap((label, i) =>
        label === 0 ? [Number(validation.scores[i]?.[0])] : [],
      ) ?? []),
    );
    expect(validation?.threshold).toBe(lowest);
  });
});

describe("what cannot be is refused with the reason", () => {
  const smallTest: Partial<RunRequest> = {
    dataset: { name: "wdbc", split: { train: 0.7, validation: 0.2, test: 0.1, seed: 1, groupBy: null } },
  };
  const refusals: [string, RunRequest, RegExp][] = [
    [
      "an unknown key",
      requestOf("fixed", { learningrate: 0.1 }),
      /"learningrate" \(value 0\.1\).*learningRate/,
    ],
    [
      "an unused key",
      requestOf("fixed", { momentum: 0.9 }),
      /"momentum" \(value 0\.9\) would not be used: optimizer is adam/,
    ],
    ["a value out of range", requestOf("fixed", { dropout: 2 }), /"dropout" must be at most 0\.95; given: 2/],
    ["an unknown choice", requestOf("fixed", { optimizer: "adm" }), /"optimizer" must be one of.*"adam"/],
    [
      "an unknown dataset",
      requestOf("fixed", {}, { dataset: { ...requestOf("fixed", {}).dataset, name: "wbdc" } }),
      /"wbdc".*wdbc/,
    ],
    [
      "free with one thread",
      requestOf("free", {}, { resources: { threads: 1, ranks: 1 } }),
      /at least 2 threads/,
    ],
    ["free with two shards", requestOf("free", { shards: 2 }), /at least 3 shards/],
    ["shards too small for batch norm", requestOf("fixed", { batchSize: 8 }), /batchSize 8.*at least 16/],
    [
      "images for a table",
      requestOf("fixed", { model: "cnn" }),
      /"model" \(value "cnn"\) does not fit a table of numbers/,
    ],
    ["a missing device", requestOf("fixed", {}, { backend: "node-gpu" }), /node-gpu is not available/],
    ["another task", requestOf("fixed", {}, { task: "contrastive" }), /task contrastive/],
    ["a probe larger than the test split", requestOf("fixed", { probeCases: 128 }, smallTest), /128.*test/],
    [
      "groups that do not exist",
      requestOf(
        "fixed",
        {},
        {
          dataset: {
            name: "wdbc",
            split: { train: 0.6, validation: 0.2, test: 0.2, seed: 1, groupBy: "patient" },
          },
        },
      ),
      /no group "patient"/,
    ],
    [
      "an absent checkpoint",
      requestOf("fixed", {}, { resume: { checkpointPath: "/nowhere.bin", step: 8 } }),
      /\/nowhere\.bin/,
    ],
    [
      "a replay of another length",
      requestOf("free", small, { replay: { order: [[0, 1, 2, 3, 4, 5, 6, 7]] } }),
      /1 steps, this run has 24/,
    ],
    [
      "nondeterminism that does not exist",
      {
        ...requestOf("fixed", {}),
        arm: {
          name: "x",
          execution: { order: "fixed" as Order, algorithms: "default", autotune: false, tf32: false },
        },
      },
      /no other source of nondeterminism/,
    ],
  ];
  test.each(refusals)("%s", async (_name, request, expected) => {
    const run = await runBundled(request);
    const [error] = eventsOf(run, "error");
    expect(run.exitCode).toBe(1);
    expect(error?.kind).toBe("user");
    expect(`${error?.message} ${error?.hint ?? ""}`).toMatch(expected);
  });

  test("input that is not a request names what is wrong", async () => {
    const wrong = await startBundled('{"protocol":1,"sed":0}\n').finished;
    expect(eventsOf(wrong, "error")[0]?.message).toMatch(/sed: unknown key.*seed/);
    const noJson = await startBundled("seed: 0\n").finished;
    expect(eventsOf(noJson, "error")[0]).toMatchObject({
      kind: "user",
      message: expect.stringContaining("JSON"),
    });
    expect([wrong.exitCode, noJson.exitCode]).toEqual([1, 1]);
  });
});

describe("the end of a run", () => {
  const long = `${JSON.stringify(requestOf("fixed", { epochs: 100_000 }))}\n`;

  test("SIGTERM ends the program cleanly", async () => {
    const trainer = startBundled(long, (event) => {
      if (event.type === "progress") trainer.kill("SIGTERM");
    });
    const { exitCode, events } = await trainer.finished;
    expect(exitCode).toBe(143);
    expect(events.at(-1)).toMatchObject({ type: "log", message: expect.stringContaining("SIGTERM") });
  });

  test("the program ends when its stdin closes, in the middle of a run and before it", async () => {
    const trainer = startBundled(long, (event) => {
      if (event.type === "progress") trainer.stdin.end();
    });
    expect((await trainer.finished).exitCode).toBe(1);
    const idle = startBundled("");
    idle.stdin.end();
    expect((await idle.finished).exitCode).toBe(1);
  });

  test("without descriptor 3 it says what it needs", () => {
    const { command, args } = tfjsTrainerCommand();
    const result = spawnSync(command, args, { stdio: ["pipe", "pipe", "pipe"], encoding: "utf8" });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("descriptor 3");
  });
});

describe("--describe", () => {
  test("announces what the program accepts and reports", async () => {
    const capabilities = await describeTfjsTrainer();
    expect(capabilities.name).toBe("tfjs");
    const here = capabilities.datasets.filter(({ name }) => ["wdbc", "digits"].includes(name));
    expect(here.map(({ name, cases, positiveClass }) => [name, cases, positiveClass])).toEqual([
      ["wdbc", 569, 0],
      ["digits", 1797, null],
    ]);
    for (const { digest, available } of here) {
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(available).toBe(true);
    }
    expect(capabilities.metrics.find((metric) => metric.key === "testSensitivity")).toMatchObject({
      direction: "maximize",
    });
    const keysOf = (has: (metric: MetricInfo) => boolean) =>
      capabilities.metrics.filter(has).map(({ key }) => key);
    expect(keysOf(({ loss }) => loss === true)).toEqual(["trainLoss", "validationLoss", "testLoss"]);
    expect(keysOf(({ chance }) => chance === "1/classes")).toEqual(
      ["validation", "test"].map((split) => `${split}BalancedAccuracy`),
    );
    expect(keysOf(({ chance }) => chance === 0.5)).toEqual(keysOf(({ key }) => key.endsWith("Auc")));
    expect(keysOf(({ binaryOnly }) => binaryOnly === true)).toEqual(
      keysOf(({ key }) => /(Sensitivity|Specificity)$/.test(key)),
    );
    // Nothing is left for a reader to guess.
    expect(keysOf((metric) => Object.values(metric).length < 10)).toEqual([]);
    const notes = readFileSync(new URL("../../datasets/README.md", import.meta.url), "utf8");
    for (const { citation } of here) expect(notes).toContain(citation.split("(")[0]?.trim());
  });
});
