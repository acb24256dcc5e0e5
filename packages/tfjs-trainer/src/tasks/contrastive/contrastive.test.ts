import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunRequest } from "@reprise/contracts";
import { beforeAll, describe, expect, it } from "vitest";
import { buildTrainer } from "../../program/build.js";
import { type FinishedRun, runBundled } from "../../test-support/run-bundled.js";
import { digestOf, eventsOf, ordersOf, rungOf, seriesOf } from "../../test-support/run-events.js";
import { type Order, requestOf } from "../../test-support/run-request.js";

const parameters = {
  model: "clip",
  width: 16,
  layers: 1,
  heads: 2,
  embedDim: 8,
  contextLength: 16,
  batchSizePerRank: 16,
  epochs: 2,
  optimizer: "adamw",
  learningRate: 1e-3,
  weightDecay: 0.2,
  cropScale: [0.8, 1],
};
const split = { train: 0.1, validation: 0.05, test: 0.85, seed: 1, groupBy: null };

function run(
  order: Order,
  given: {
    threads?: number;
    repeat?: number;
    parameters?: object;
    replay?: number[][];
    backend?: "wasm" | "cpu";
    request?: Partial<RunRequest>;
  } = {},
): Promise<FinishedRun> {
  return runBundled(
    requestOf(
      order,
      { ...parameters, ...given.parameters },
      {
        task: "contrastive",
        dataset: { name: "digits", split },
        resources: { threads: given.threads ?? 2, ranks: 4 },
        backend: given.backend ?? "auto",
        repeat: given.repeat ?? 0,
        replay: given.replay ? { order: given.replay } : null,
        ...given.request,
      },
    ),
  );
}

beforeAll(buildTrainer, 60_000);

describe("contrastive runs", () => {
  let fixed: FinishedRun;
  beforeAll(async () => {
    fixed = await run("fixed");
  }, 60_000);

  it("end with one digest whatever the number of threads, and with gradient checkpointing", async () => {
    const others = [
      await run("fixed", { threads: 1, repeat: 1 }),
      await run("fixed", { threads: 4 }),
      await run("fixed", { parameters: { gradCheckpointing: true } }),
    ];
    expect(digestOf(fixed)).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set([fixed, ...others].map(digestOf)).size).toBe(1);
    expect(rungOf(fixed, "predictions")).toEqual(rungOf(others[0] ?? fixed, "predictions"));
  });

  it("depart in another order of summation, and come back when it is replayed", async () => {
    const permuted = await run("permuted", { repeat: 1 });
    expect(digestOf(permuted)).not.toBe(digestOf(fixed));
    const replayed = await run("free", { replay: ordersOf(permuted) });
    expect(digestOf(replayed)).toBe(digestOf(permuted));
  });

  it("train on the pure JavaScript backend as well, to nearly the same loss", async () => {
    const plain = await run("fixed", { backend: "cpu", parameters: { epochs: 1 } });
    const losses = [fixed, plain].map((one) => seriesOf(one, "validationLoss").get(1) ?? Number.NaN);
    expect(losses[1]).toBeCloseTo(losses[0] ?? Number.NaN, 3);
  });

  it("change no bit with a learning rate of 0", async () => {
    const still = await run("fixed", { parameters: { learningRate: 0 } });
    expect(rungOf(still, "finalWeights").size).toBe(1);
    expect([...rungOf(still, "epoch").values()]).toEqual(
      Array.from({ length: 2 }, () => rungOf(still, "initialWeights").get(0)),
    );
  });

  it("answer every question on validation and test, and report the loss beside its floor", () => {
    const asked = eventsOf(fixed, "predictions").map(({ split, question }) => `${split} ${question?.name}`);
    const questions = ["digit", "digitSeen", "loop", "thick"];
    expect(asked.sort()).toEqual(
      ["test", "validation"].flatMap((split) => questions.map((name) => `${split} ${name}`)),
    );
    const loop = eventsOf(fixed, "predictions").find(({ question }) => question?.name === "loop");
    expect(loop).toMatchObject({
      question: { classes: ["loop", "no loop"], positiveClass: 0 },
      threshold: 0.5,
    });
    for (const key of ["testLoopSensitivity", "testThickSpecificity", "testDigitAccuracy", "validationLoss"])
      expect([...seriesOf(fixed, key).keys()]).toEqual([1, 2]);
    const floor = seriesOf(fixed, "trainLossFloor").get(1) ?? Number.NaN;
    expect(floor).toBeGreaterThan(0);
    expect(seriesOf(fixed, "trainLoss").get(1)).toBeGreaterThan(floor);
    // From random weights the first steps are hardly better than a guess among 64 texts.
    expect(seriesOf(fixed, "trainLoss").get(1)).toBeGreaterThan(3);
  });

  it("have a small picture of every case that they were asked about, and compute the same bits for it", async () => {
    const outputDirectory = await mkdtemp(join(tmpdir(), "reprise-shown-"));
    const shown = await run("fixed", { request: { outputDirectory, thumbnails: { known: [] } } });
    expect(digestOf(shown)).toBe(digestOf(fixed));
    const sheets = new Map(eventsOf(shown, "thumbnails").map(({ split: of, sheet }) => [of, sheet?.ids]));
    for (const { split: of, ids } of eventsOf(shown, "predictions")) expect(sheets.get(of)).toEqual(ids);
    await rm(outputDirectory, { recursive: true });
  });

  it.each([
    [{ precision: "amp" }, "32-bit floating point only"],
    [{ precision: "amp_bfloat16" }, "32-bit floating point only"],
    [{ precision: "bf16" }, "precision.*amp_bfloat16"],
    [{ batchSizePerRank: 100 }, "batchSizePerRank"],
    [{ batchNormSync: true }, "no batch normalisation to synchronise"],
    [{ ddpStaticGraph: true }, "DistributedDataParallel"],
    [{ hiddenUnits: [8] }, "model is clip"],
    [{ batchSize: 64 }, "task is contrastive"],
    [{ model: "mlp" }, "would not be used|no text encoder"],
    [{ patchSize: 3 }, "does not divide the image size 8"],
  ])("refuse %j with the reason", async (wrong, reason) => {
    const refused = await run("fixed", { parameters: wrong });
    expect(eventsOf(refused, "error")[0]?.message).toMatch(new RegExp(reason));
    expect(eventsOf(refused, "error")[0]?.kind).toBe("user");
  });

  it("of the published shape want pictures of its size", async () => {
    const published = (parameters: RunRequest["parameters"]) =>
      runBundled(
        requestOf(
          "fixed",
          { model: "clip-vit-b-32", ...parameters },
          { task: "contrastive", dataset: { name: "digits", split }, resources: { threads: 1, ranks: 4 } },
        ),
      );
    const [small, given] = await Promise.all([published({}), published({ imageSize: 64 })]);
    expect(eventsOf(small, "error")[0]?.message).toMatch(/one size: 8 × 8 pixels; imageSize 224/);
    expect(eventsOf(given, "error")[0]?.message).toMatch(
      /"imageSize" \(value 64\) does not fit model clip-vit-b-32.*224 × 224/,
    );
  });
});
