import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readForeignRuns } from "@reprise/importers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareSource, readTruth, type Truth } from "../support/import-truth.js";

/** What the clients of other trackers wrote (`test/golden/imports/make_sources.py`), and what was handed to them. */
const archive = fileURLToPath(new URL("../golden/imports/sources.tar.gz", import.meta.url));
const sources = [
  "hf-trainer",
  "hydra",
  "keras-csv",
  "lightning-csv",
  "mlflow-2-file",
  "mlflow-2-sqlite",
  "mlflow-3-file",
  "mlflow-3-sqlite",
  "open-clip",
  "optuna-journal",
  "optuna-sqlite",
  "sacred",
  "tensorboard-tf2",
  "tensorboardx-hparams",
  "tensorboardx-scalars",
  "trackio",
  "wandb-0.16",
  "wandb-0.31",
  "wandb-csv",
];

let folder: string;
let truth: Truth;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-sources-"));
  execFileSync("tar", ["-xzf", archive, "-C", folder]);
  truth = readTruth(join(folder, "truth.json"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sourceOf = (id: string) => {
  const source = truth.sources.find((entry) => entry.id === id);
  if (source === undefined) throw new Error(`the archive holds no ${id}`);
  return source;
};
const read = (id: string) => readForeignRuns(join(folder, sourceOf(id).path));

describe("what clients of other trackers wrote", () => {
  it("is of every kind that is tested below", () => {
    expect(truth.sources.map(({ id }) => id).sort()).toEqual(sources);
  });

  it.each(sources)("%s is read with every run, point, setting, status and time of truth", async (id) => {
    const result = await compareSource(folder, sourceOf(id), truth);
    expect(result.faults).toEqual([]);
    expect(result.proposal).toEqual([]);
    expect(result.points.of).toBeGreaterThan(50);
  });
});

describe("what files mean beyond their points", () => {
  it.each(["mlflow-2-file", "mlflow-3-sqlite"])("%s: parents and deleted runs are no runs", async (id) => {
    const { setAside } = await read(id);
    expect(setAside.map(({ why, name }) => `${why} ${name}`).sort()).toEqual([
      "deleted mistake",
      "parent sweep",
    ]);
  });

  it("two folders of W&B with one id are one run of two attempts; steps that begin anew are placed by the epoch", async () => {
    const { runs } = await read("wandb-0.16");
    const [run, ...more] = runs.filter(({ attempts }) => attempts > 1);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ attempts: 2, stepMetric: "epoch", doubtful: null });
    expect(run?.metrics.train_loss).toMatchObject({
      steps: [0, 1, 2, 0, 1, 2],
      positions: [1, 2, 3, 2, 3, 4],
      superseded: [1, 2],
    });
  });

  it("steps that are given keep their places, and a step that comes again supersedes", async () => {
    const { runs } = await read("wandb-0.31");
    const run = runs.find(({ attempts }) => attempts > 1);
    expect(run?.metrics.train_loss).toMatchObject({ steps: [1, 2, 3, 2, 3, 4], superseded: [1, 2] });
    expect(run?.metrics.train_loss?.positions).toBeUndefined();
  });

  it("an integer that no number holds is kept to its last digit", async () => {
    for (const id of ["lightning-csv", "sacred", "trackio", "wandb-0.31"]) {
      const { runs } = await read(id);
      expect(runs[0]?.params.big_int, id).toBe("9007199254740993");
      expect(runs[0]?.integers, id).toEqual(["big_int"]);
    }
  });

  it("single precision is said", async () => {
    for (const id of ["tensorboardx-scalars", "tensorboard-tf2"]) {
      const { runs } = await read(id);
      expect(
        new Set(runs.flatMap((run) => Object.values(run.metrics).map(({ precision }) => precision))),
      ).toEqual(new Set(["float32"]));
    }
  });

  it("a run with fewer epochs than its siblings is doubtful where nothing says that it failed", async () => {
    for (const id of [
      "hf-trainer",
      "hydra",
      "keras-csv",
      "lightning-csv",
      "tensorboardx-scalars",
      "trackio",
    ]) {
      const { runs } = await read(id);
      const short = sourceOf(id).runs.filter(({ study }) => study === "r11");
      const doubtful = runs.filter((run) => run.doubtful !== null).map(({ name }) => name);
      expect(doubtful, id).toEqual(short.map(({ name }) => name));
    }
  });

  it("means over a group in a chart are no runs", async () => {
    const { setAside } = await read("wandb-csv");
    expect(setAside.map(({ why, id }) => `${why} ${id}`)).toEqual([
      "grouped Group: adam - train_loss",
      "grouped Group: sgd - train_loss",
    ]);
  });
});
