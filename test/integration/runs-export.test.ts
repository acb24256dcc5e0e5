import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run as runSchema, sweep as sweepSchema } from "@reprise/contracts";
import { readForeignRuns } from "@reprise/importers";
import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fromBuffer } from "yauzl";
import { z } from "zod";
import { mlflowMissing } from "../support/mlflow.js";
import { python } from "../support/python.js";
import { startTestApi } from "./api-harness.js";

let api: Awaited<ReturnType<typeof startTestApi>>;
let sweepId: string;
let runId: string;
let folder: string;

const awkward = "loss (train, EMA) @1";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reprise-exports-"));
  api = await startTestApi();
  const params = { optimizer: "adam", lr: 0.001, amp: true, scheduler: null, hidden: [16, 8] };
  const first = runSchema.parse(
    (await api.call("POST", "/runs", { body: { name: "Größen, away", params, seed: 7 } })).json,
  );
  sweepId = z.string().parse(first.sweepId);
  runId = first.id;
  const body = {
    series: {
      val_acc: { steps: [1, 2, 3], values: [0.5, 0.625, 0.1 + 0.2], wallTimes: [1, 2, 3] },
      [awkward]: { steps: [1, 2], values: ["NaN", "Infinity"], wallTimes: [1, 2] },
    },
  };
  expect((await api.call("POST", `/runs/${runId}/metrics`, { body })).status).toBeLessThan(300);
  await api.call("POST", `/runs/${runId}/finish`, { body: { status: "succeeded" } });
  const second = runSchema.parse(
    (await api.call("POST", "/runs", { body: { sweepId, params: { ...params, optimizer: "sgd" }, seed: 7 } }))
      .json,
  );
  await api.call("POST", `/runs/${second.id}/finish`, { body: { status: "failed", error: "no memory" } });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.app.close();
});

async function exported(format: string) {
  const response = await api.app.inject({
    url: `/api/v1/sweeps/${sweepId}/runs.export?format=${format}`,
    headers: { host: "localhost" },
  });
  expect(response.statusCode, response.body.slice(0, 300)).toBe(200);
  return response;
}

function csvTable(text: string): { header: string[]; rows: string[][] } {
  const [header = [], ...rows] = parse(text);
  return { header, rows };
}

/** Unpacks a zip of texts. */
async function unpack(bytes: Buffer, target: string): Promise<void> {
  const zip = await new Promise<import("yauzl").ZipFile>((done, fail) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? fail(error) : done(opened)));
  });
  for (;;) {
    const entry = await new Promise<import("yauzl").Entry | null>((done) => {
      zip.removeAllListeners("end").removeAllListeners("entry");
      zip.once("entry", done);
      zip.once("end", () => done(null));
      zip.readEntry();
    });
    if (entry === null) return;
    const stream = await new Promise<NodeJS.ReadableStream>((done, fail) => {
      zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened)));
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    const file = join(target, entry.fileName);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.concat(chunks));
  }
}

it("CSV has a row a point or a row a step, at full precision", async () => {
  const response = await exported("csv-long");
  expect(response.headers["content-disposition"]).toContain("points.csv");
  const long = csvTable(response.body);
  expect(long.header).toEqual([
    "run",
    "configuration",
    "seed",
    "arm",
    "repeat",
    "status",
    "metric",
    "step",
    "value",
    "seconds",
  ]);
  expect(long.rows.filter((row) => row[6] === "val_acc").map((row) => row.slice(7))).toEqual([
    ["1", "0.5", "1"],
    ["2", "0.625", "2"],
    ["3", "0.30000000000000004", "3"],
  ]);
  expect(long.rows.filter((row) => row[6] === awkward).map((row) => row[8])).toEqual(["NaN", "Infinity"]);
  const wide = csvTable((await exported("csv-wide")).body);
  const cell = (row: string[] | undefined, name: string) => row?.[wide.header.indexOf(name)];
  expect(wide.rows).toHaveLength(4);
  expect(cell(wide.rows[0], "params.hidden")).toBe("[16,8]");
  expect([cell(wide.rows[2], "step"), cell(wide.rows[2], "val_acc"), cell(wide.rows[2], awkward)]).toEqual([
    "3",
    "0.30000000000000004",
    "",
  ]);
  expect([cell(wide.rows[3], "status"), cell(wide.rows[3], "step")]).toEqual(["failed", ""]);
});

it("Parquet holds the same points as numbers", async () => {
  const { rawPayload } = await exported("parquet");
  const file = rawPayload.buffer.slice(
    rawPayload.byteOffset,
    rawPayload.byteOffset + rawPayload.length,
  ) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  expect(rows.filter(({ metric }) => metric === "val_acc").map(({ step, value }) => [step, value])).toEqual([
    [1, 0.5],
    [2, 0.625],
    [3, 0.1 + 0.2],
  ]);
  expect(rows.filter(({ metric }) => metric === awkward).map(({ value }) => value)).toEqual([
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]);
});

it("JSON lines hold what a loop of wandb.init and run.log needs", async () => {
  const lines = (await exported("wandb-jsonl")).body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({
    id: runId,
    state: "succeeded",
    config: { optimizer: "adam", hidden: [16, 8], seed: 7, arm: "free" },
    history: [{ _step: 1, val_acc: 0.5, [awkward]: "NaN" }, { _step: 2 }, { _step: 3, val_acc: 0.1 + 0.2 }],
    summary: { val_acc: 0.1 + 0.2 },
  });
});

it("an MLflow file store reads back with every point, setting and status", async () => {
  const target = join(folder, "read-back");
  await unpack((await exported("mlflow-file")).rawPayload, target);
  const { format, runs, warnings } = await readForeignRuns(target);
  expect(format).toBe("mlflow-file");
  expect(warnings).toEqual([]);
  const run = runs.find(({ tags }) => tags["reprise.run"] === runId);
  expect(run).toMatchObject({
    status: "finished",
    group: "Größen, away",
    params: { optimizer: "adam", lr: "0.001", amp: "True", scheduler: "None", hidden: "[16, 8]", seed: "7" },
    metrics: {
      val_acc: { steps: [1, 2, 3], values: [0.5, 0.625, 0.1 + 0.2] },
      "loss _train_ EMA_ _1": { steps: [1, 2], values: [Number.NaN, Number.POSITIVE_INFINITY] },
    },
  });
  expect(JSON.parse(String(run?.tags["reprise.names"]))).toEqual({ [awkward]: "loss _train_ EMA_ _1" });
  expect(runs.find((other) => other !== run)?.status).toBe("failed");
  const sweep = sweepSchema.parse((await api.call("GET", `/sweeps/${sweepId}`)).json);
  expect(sweep.name).toBe("Größen, away");
});

const missing = mlflowMissing();
it.skipIf(missing !== null)(
  `MLflow itself opens the store${missing === null ? "" : `: ${missing}`}`,
  async () => {
    const target = join(folder, "mlflow-opens");
    await unpack((await exported("mlflow-file")).rawPayload, target);
    const program = `
import json, mlflow, subprocess, sys
from mlflow.tracking import MlflowClient
client = MlflowClient(tracking_uri="file:./mlruns")
experiment = client.get_experiment_by_name("Größen, away")
runs = client.search_runs([experiment.experiment_id])
run = next(run for run in runs if run.data.tags["reprise.run"] == "${runId}")
history = client.get_metric_history(run.info.run_id, "val_acc")
# From 3.17 on MLflow has a program that makes a database of a file store.
if tuple(int(part) for part in mlflow.__version__.split(".")[:2]) >= (3, 17):
    move = [sys.executable, "-m", "mlflow", "migrate-filestore", "--source", ".", "--target", "sqlite:///mlflow.db"]
    subprocess.run(move, check=True, stdout=sys.stderr)
    database = MlflowClient(tracking_uri="sqlite:///mlflow.db")
    moved = database.search_runs([database.get_experiment_by_name("Größen, away").experiment_id])
    assert len(moved) == len(runs) and next(m for m in moved if m.info.run_id == run.info.run_id).data.params == run.data.params
    assert [(m.step, m.value) for m in database.get_metric_history(run.info.run_id, "val_acc")] == [(m.step, m.value) for m in history]
print(json.dumps({"runs": len(runs), "status": run.info.status, "params": run.data.params, "history": [[m.step, m.value] for m in history]}))
`;
    const output = execFileSync(python, ["-c", program], {
      cwd: target,
      encoding: "utf8",
      env: {
        ...process.env,
        MLFLOW_ALLOW_FILE_STORE: "true",
        MLFLOW_DISABLE_TELEMETRY: "true",
        PYTHONUTF8: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const answer = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    expect(answer).toMatchObject({
      runs: 2,
      status: "FINISHED",
      params: { optimizer: "adam", lr: "0.001", seed: "7" },
      history: [
        [1, 0.5],
        [2, 0.625],
        [3, 0.1 + 0.2],
      ],
    });
  },
);
