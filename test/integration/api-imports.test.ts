import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buffer } from "node:stream/consumers";
import {
  analysisNames,
  importAnswer,
  importPreview,
  importSession,
  pageOf,
  run,
  runMetrics,
  sweep,
} from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ZipFile } from "yazl";
import { type MadeRun, madeStudy, writeMlflowStudy } from "../support/foreign-study.js";
import { type Answer, type ApiUnderTest, problemOf, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

function folderOf(runs: readonly MadeRun[]): string {
  const folder = mkdtempSync(join(tmpdir(), "made-runs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return writeMlflowStudy(folder, runs);
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );

async function begin(): Promise<string> {
  const { id } = importSession.parse((await api.call("POST", "/imports")).json);
  onTestFinished(async () => {
    await api.call("DELETE", `/imports/${id}`);
  });
  return id;
}

async function put(
  id: string,
  path: string,
  payload: Buffer,
  type = "application/octet-stream",
): Promise<Answer> {
  const route = type === "application/x-ndjson" ? "runs" : `files?path=${encodeURIComponent(path)}`;
  const answer = await api.app.inject({
    method: "PUT",
    url: `/api/v1/imports/${id}/${route}`,
    headers: { host: "localhost", "content-type": type },
    payload,
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    json: JSON.parse(answer.body),
  };
}

async function upload(runs: readonly MadeRun[]): Promise<string> {
  const folder = folderOf(runs);
  const id = await begin();
  for (const path of filesIn(folder)) {
    const answer = await put(id, relative("", path), readFileSync(join(folder, path)));
    expect(answer.status, answer.text).toBe(200);
  }
  return id;
}

async function preview(id: string, body: object = {}) {
  const answer = await api.call("POST", `/imports/${id}/preview`, { body });
  expect(answer.status, answer.text).toBe(200);
  return importPreview.parse(answer.json);
}

async function write(id: string, body: object = {}) {
  const answer = await api.call("POST", `/imports/${id}/studies`, { body });
  expect(answer.status, answer.text).toBe(201);
  return importAnswer.parse(answer.json);
}

const runsOf = async (sweepId: string) =>
  (await api.get(`/runs?sweepId=${sweepId}&limit=200`, pageOf(run))).items;

/** An archive that is nothing but a list of so many entries of one name; Zip64 (APPNOTE.TXT 4.3.14), for so many. */
function manyEntries(count: number, name: string): Buffer {
  const entry = Buffer.alloc(46 + name.length);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(name.length, 28);
  entry.write(name, 46);
  const size = count * entry.length;
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  for (const [at, value] of [
    [24, count],
    [32, count],
    [40, size],
    [64, size],
  ] as const)
    end.writeBigUInt64LE(BigInt(value), at);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x06054b50, 76);
  end.fill(0xff, 84, 96);
  return Buffer.concat([Buffer.alloc(size, entry), end]);
}

describe("runs of another tracker over HTTP", () => {
  it("are previewed without writing anything, and written in their cells", async () => {
    const id = await upload(madeStudy());
    const before = (await api.get("/sweeps", pageOf(sweep))).items.length;
    const seen = await preview(id);
    expect(seen).toMatchObject({
      format: "mlflow-file",
      known: null,
      proposal: { seed: "seed", arm: "deterministic", configuration: ["optimizer"], nuisance: ["job_id"] },
    });
    expect((await api.get("/sweeps", pageOf(sweep))).items).toHaveLength(before);

    const { studies } = await write(id, { decisions: { name: "From MLflow" } });
    expect(studies).toMatchObject([{ isNew: true, added: 30, skipped: 0 }]);
    const sweepId = studies[0]?.sweepId ?? "";
    const study = await api.get(`/sweeps/${sweepId}`, sweep);
    expect(study).toMatchObject({
      ...{ name: "From MLflow", status: "succeeded", totalRuns: 30, analysisPlanDigest: null },
      origin: { format: "mlflow-file", design: { seed: "seed", arm: "deterministic" } },
    });
    const extended = await api.call("POST", `/sweeps/${sweepId}/extend`, { body: { repeats: { det: 4 } } });
    expect(problemOf(extended, 409, "conflict").detail).toContain("were imported");
    const runs = await runsOf(sweepId);
    const cells = new Set(
      runs.map(({ configurationKey, seed, arm }) => `${configurationKey} ${seed} ${arm}`),
    );
    expect(cells.size).toBe(12);
    expect(runs[0]).toMatchObject({
      params: { optimizer: "adam", epochs: 3 },
      ...{ seed: 3, arm: "det", mode: "deterministic", repeat: 0, digest: null, trainer: "external" },
      origin: { name: "run 0", status: "finished", beside: { job_id: 5000 } },
    });
    const { series } = await api.get(`/runs/${runs[0]?.id}/metrics`, runMetrics);
    expect(series.val_acc).toMatchObject({
      steps: [0, 1, 2],
      values: [0.6, 0.7, 0.8].map((v) => expect.closeTo(v, 12)),
    });
  });

  it("answer every analysis, and are never said to be identical to the bit", async () => {
    const { studies } = await write(await upload(madeStudy()), {
      into: "new",
      decisions: { name: "Analysed" },
    });
    const sweepId = studies[0]?.sweepId ?? "";
    for (const name of analysisNames) {
      const answer = await api.call("GET", `/sweeps/${sweepId}/analyses/${name}`);
      expect([200, 400, 404, 409, 422], `${name}: ${answer.text}`).toContain(answer.status);
      expect(answer.text, name).not.toMatch(/bit-identical|repeat to the bit|identical to the bit/);
    }
    expect((await api.call("GET", `/sweeps/${sweepId}/report?format=markdown`)).status).toBe(200);
  });

  it("that are imported again add what is new and say what was skipped; what had not ended is replaced", async () => {
    const [first, ...rest] = madeStudy();
    if (!first) throw new Error("no run was made");
    const open = { ...first, status: "RUNNING" as const, metrics: { val_acc: [0.5] } };
    const name = "Grows";
    const early = await write(await upload([open, ...rest.slice(0, 9)]), {
      into: "new",
      decisions: { name },
    });
    const sweepId = early.studies[0]?.sweepId ?? "";
    expect((await runsOf(sweepId)).find(({ origin }) => origin?.id === first.id)?.status).toBe("cancelled");
    const id = await upload([first, ...rest.slice(0, 12)]);
    const again = await write(id, { into: sweepId });
    expect(again.studies).toMatchObject([
      { sweepId, isNew: false, added: 3, skipped: 9, replaced: 1, changed: [] },
    ]);
    const runs = await runsOf(sweepId);
    expect(runs).toHaveLength(13);
    expect(runs.find(({ origin }) => origin?.id === first.id)).toMatchObject({
      status: "succeeded",
      arm: "det",
    });
    expect(new Set(runs.map(({ key }) => key)).size).toBe(13);
    expect((await preview(id)).known).toMatchObject({ runs: expect.any(Number) });
    expect((await write(id, { into: sweepId })).studies).toMatchObject([
      { added: 0, skipped: 13, replaced: 0 },
    ]);
  });

  it("keep what failed, what is not finite and what is doubtful visible and apart", async () => {
    const [a, b, c, d] = madeStudy();
    if (!a || !b || !c || !d) throw new Error("no run was made");
    const runs: MadeRun[] = [
      a,
      { ...b, status: "FAILED" },
      { ...c, metrics: { val_acc: [0.5, "nan", "inf"], train_loss: [1, "nan", "nan"] } },
    ];
    const { studies } = await write(await upload(runs), { into: "new" });
    const found = await runsOf(studies[0]?.sweepId ?? "");
    const by = (id: string) => found.find(({ origin }) => origin?.id === id);
    expect(by(b.id)).toMatchObject({
      status: "failed",
      error: { message: "The source says that it failed." },
    });
    expect(by(c.id)).toMatchObject({ diverged: { key: "train_loss", step: 1 } });
    const { series } = await api.get(`/runs/${by(c.id)?.id}/metrics`, runMetrics);
    expect(series.val_acc?.values).toEqual([0.5, "NaN", "Infinity"]);
  });

  it("make one study for each commit where that is decided", async () => {
    const runs = madeStudy().map((made, index) => ({ ...made, commit: (index % 2 ? "a" : "b").repeat(40) }));
    const { studies } = await write(await upload(runs), {
      into: "new",
      decisions: { commits: "several", name: "Two" },
    });
    expect(studies.map(({ name, added }) => `${name} ${added}`).sort()).toEqual([
      "Two · aaaaaaaa 15",
      "Two · bbbbbbbb 15",
    ]);
  });

  it("refuse places that a file cannot have, by their names", async () => {
    const id = await begin();
    expect((await put(id, "a/b", Buffer.from("x"))).status).toBe(200);
    for (const [path, detail] of [
      ["a", /it is a folder of other files/],
      ["a/b/c", /a file stands where its folder should be/],
      ["n".repeat(300), /a name in it is longer than 255 bytes/],
    ] as const)
      expect(problemOf(await put(id, path, Buffer.from("x")), 400, "invalid-request").detail).toMatch(detail);
    // What it held is there still, and a folder is not taken for runs that were sent.
    expect((await put(id, "runs.reprise.ndjson/metrics.csv", Buffer.from("step,a\n1,2\n"))).status).toBe(200);
    expect(await preview(id)).toMatchObject({ format: "lightning-csv" });
  });

  it("name lines that nest without end", async () => {
    const id = await begin();
    const head = { format: "keras-csv", tagsAre: "tags", setAside: [], warnings: [] };
    const line = `{"params":${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}}`;
    await put(id, "", Buffer.from(`${JSON.stringify(head)}\n${line}\n`), "application/x-ndjson");
    const answer = await api.call("POST", `/imports/${id}/preview`, { body: {} });
    expect(problemOf(answer, 400, "invalid-request").detail).toMatch(/^Line 2 of the runs: it nests deeper/);
  });

  it("unpack an archive but for entries that stand in each other's place, and nothing of one made of zeros", async () => {
    const zipped = async (files: [string, Buffer][]) => {
      const zip = new ZipFile();
      for (const [name, content] of files) zip.addBuffer(content, name, { compressionLevel: 1 });
      zip.end();
      return buffer(zip.outputStream);
    };
    const table = Buffer.from("step,a\n1,2\n");
    const id = await begin();
    const files: [string, Buffer][] = [
      ["x", table],
      ["x/metrics.csv", table],
      ["y/metrics.csv", table],
      ["y/metrics.csv", table],
    ];
    await put(id, "a.zip", await zipped(files));
    expect(await preview(id)).toMatchObject({
      found: { runs: 1 },
      warnings: [{ file: "x/metrics.csv", reason: expect.stringContaining("has the name of a folder") }],
    });
    const zeros = await begin();
    const part = Buffer.alloc(40 * 2 ** 20);
    await put(
      zeros,
      "b.zip",
      await zipped(Array.from({ length: 2 }, (_, at): [string, Buffer] => [`${at}/metrics.csv`, part])),
    );
    const refused = await api.call("POST", `/imports/${zeros}/preview`, { body: {} });
    const told = refused.status === 200 ? refused.text : problemOf(refused, 400, "invalid-request").detail;
    expect(told).toMatch(/b\.zip.*unpacks to more than 64 MiB/s);
  });

  it("count the folders of an archive, and what is left out of it, before they read them", async () => {
    const id = await begin();
    await put(id, "folders.zip", manyEntries(400_001, "d/"));
    const many = await api.call("POST", `/imports/${id}/preview`, { body: {} });
    expect(problemOf(many, 400, "invalid-request").detail).toMatch(/folders\.zip has 400001 entries; up to/);
    const leftOut = await begin();
    await put(leftOut, "inner.zip", manyEntries(200_001, "z.zip"));
    const inner = await api.call("POST", `/imports/${leftOut}/preview`, { body: {} });
    expect(problemOf(inner, 400, "invalid-request").detail).toMatch(
      /inner\.zip holds more than 200000 files/,
    );
  });

  it("name a decision about a column that is not there, and files of no known format", async () => {
    const id = await upload(madeStudy().slice(0, 2));
    const answer = await api.call("POST", `/imports/${id}/studies`, { body: { decisions: { seed: "sed" } } });
    const { errors } = problemOf(answer, 400, "invalid-request");
    expect(errors?.[0]).toMatchObject({
      path: "decisions.seed",
      suggestion: expect.stringContaining("seed"),
    });
    const empty = await begin();
    await put(empty, "notes.md", Buffer.from("nothing of interest"));
    problemOf(await api.call("POST", `/imports/${empty}/preview`, { body: {} }), 400, "invalid-request");
    problemOf(
      await api.call("POST", `/imports/${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}/preview`, {
        body: {},
      }),
      404,
      "not-found",
    );
  });

  it("take no file out of their folder, whatever its path says", async () => {
    const id = await begin();
    for (const path of ["../x", "a/../../x", "/etc/x", "a//b", "C:\\x", "a/\0b", ".", `${"d/".repeat(50)}x`])
      problemOf(await put(id, path, Buffer.from("x")), 400, "invalid-request");
    expect((await put(id, "a\\b.txt", Buffer.from("x"))).json).toMatchObject({ bytes: 1 });
  });

  it("come as a zip, of which links, paths out of it, bombs and inner zips are left out by name", async () => {
    const folder = folderOf(madeStudy().slice(0, 3));
    const zip = new ZipFile();
    for (const path of filesIn(folder)) zip.addFile(join(folder, path), path);
    zip.addBuffer(Buffer.from("/etc/passwd"), "mlruns/link", { mode: 0o120777 });
    zip.addBuffer(Buffer.from("PK"), "mlruns/inner.zip");
    zip.addBuffer(Buffer.alloc(80 * 1024 ** 2), "mlruns/zeros.bin");
    zip.end();
    const id = await begin();
    await put(id, "runs.zip", await buffer(zip.outputStream));
    const seen = await preview(id);
    expect(seen.found.runs).toBe(3);
    expect(seen.warnings.map(({ file }) => file)).toEqual(
      expect.arrayContaining(["mlruns/link", "mlruns/inner.zip", "mlruns/zeros.bin"]),
    );
  });

  it("come read elsewhere, a run on each line, and a broken line is named", async () => {
    const head = { format: "mlflow-file", warnings: [] };
    const made = {
      source: { format: "mlflow-file", location: "x", id: "one" },
      ...{ name: "one", params: { seed: 4 }, tags: {}, status: "finished", startedAt: null, endedAt: null },
      ...{ gitCommit: null, host: null, summary: { test_acc: 0.5 }, artifacts: [], attempts: 1 },
      metrics: { val_acc: { steps: [0, 1], values: [0.1, "NaN"], precision: "float64" } },
      ...{ doubtful: null, remarks: [] },
    };
    const ndjson = (...lines: object[]) =>
      Buffer.from(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
    const id = await begin();
    const pruned = { ...made, source: { ...made.source, id: "two" }, status: "pruned", params: { seed: 5 } };
    await put(id, "", ndjson(head, made, pruned), "application/x-ndjson");
    const { studies } = await write(id, { into: "new" });
    const [first, second] = await runsOf(studies[0]?.sweepId ?? "");
    expect(second).toMatchObject({
      seed: 5,
      status: "pruned",
      prunedAtStep: 1,
      origin: { status: "pruned" },
    });
    expect(first).toMatchObject({
      seed: 4,
      summary: { test_acc: { final: 0.5, selected: 0.5 }, val_acc: { last: "NaN" } },
    });
    const broken = await begin();
    await put(broken, "", ndjson(head, { ...made, status: "done" }), "application/x-ndjson");
    const { detail } = problemOf(
      await api.call("POST", `/imports/${broken}/preview`, { body: {} }),
      400,
      "invalid-request",
    );
    expect(detail).toMatch(/^Line 2 of the runs: status/);
  });

  it("leave no file behind when an import is discarded", async () => {
    const id = await upload(madeStudy().slice(0, 1));
    expect((await api.call("DELETE", `/imports/${id}`)).status).toBe(204);
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`reprise-import-${process.pid}-`));
    expect(left.flatMap((name) => readdirSync(join(tmpdir(), name)))).not.toContain(id);
  });
});
