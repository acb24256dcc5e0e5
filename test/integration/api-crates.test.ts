import { createHash, randomUUID } from "node:crypto";
import { analysisNames, pageOf, predictionsList, run, sweep } from "@reprise/contracts";
import {
  createVerification,
  finishAttempt,
  recordPredictions,
  registerWorker,
  takeDispatchable,
  writeBatch,
} from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainer } from "../support/trainer-fixture.js";
import {
  type ApiUnderTest,
  claim,
  metricBatch,
  predictionsWithFlip,
  problemOf,
  smallStudy,
  startTestApi,
} from "./api-harness.js";
import { archiveOf, filesIn, finishedStudy, importInto, packed } from "./crate-fixtures.js";

let source: ApiUnderTest;
let target: ApiUnderTest;
let sweepId: string;
let archive: Buffer;
beforeAll(async () => {
  source = await startTestApi();
  target = await startTestApi();
  sweepId = await finishedStudy(source);
  archive = await archiveOf(source, sweepId);
});
afterAll(() => Promise.all([source.close(), target.close()]));

/** What a server says of the study: sweep, runs with their records, all analyses. */
async function everythingOf(api: ApiUnderTest) {
  const read = async (path: string) => {
    const { status, text, json } = await api.call("GET", path);
    expect(status, `${path}: ${text}`).toBe(200);
    return json;
  };
  const { items } = await api.get(`/runs?sweepId=${sweepId}&purpose=all`, pageOf(run));
  const records = items.flatMap(({ id }) =>
    ["", "/metrics?superseded=true", "/ladder", "/predictions"].map((part) => `/runs/${id}${part}`),
  );
  const analyses = analysisNames.map((name) => `/sweeps/${sweepId}/analyses/${name}`);
  const paths = [`/sweeps/${sweepId}/strip`, ...records, ...analyses];
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)));
}

const formerId = randomUUID();

/** A run's file as a version wrote it that knew no final values, and no order but that of reporting. */
function asOlderVersion(text: string): string {
  const { superseded, ...file } = JSON.parse(text);
  const { judgement: _judgement, ...summary } = file.run.summary;
  for (const [key, { superseded: _count, final: _final, ...ofKey }] of Object.entries<
    Record<string, unknown>
  >(summary)) {
    const { steps, values, wallTimes } = file.series[key];
    const again = superseded[key];
    summary[key] = ofKey;
    if (!again) continue;
    // What was reported again came last: as it does in this study.
    const moved = { steps: [...steps.slice(1), steps[0]], values: [...values.slice(1), values[0]] };
    file.series[key] = {
      steps: [...again.steps, ...moved.steps],
      values: [...again.values, ...moved.values],
      wallTimes: [...again.wallTimes, ...wallTimes.slice(1), wallTimes[0]],
    };
    const reported = file.series[key].values;
    const numbers = reported.filter((value: unknown) => typeof value === "number");
    const stepOf = (value: number) => file.series[key].steps[reported.indexOf(value)];
    const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
    Object.assign(ofKey, { count: reported.length, first: reported[0], last: reported.at(-1), min, max });
    Object.assign(ofKey, { minStep: stepOf(min), maxStep: stepOf(max) });
    if (ofKey.best !== null) Object.assign(ofKey, { best: max, bestStep: stepOf(max) });
  }
  return JSON.stringify({ ...file, run: { ...file.run, summary } });
}

describe("an archived study", () => {
  it("is an RO-Crate that lists every file with its digest", async () => {
    const files = await filesIn(archive);
    const metadata = JSON.parse(files.get("ro-crate-metadata.json")?.toString() ?? "{}");
    const [descriptor, root] = metadata["@graph"];
    expect(descriptor).toMatchObject({
      "@id": "ro-crate-metadata.json",
      conformsTo: { "@id": "https://w3id.org/ro/crate/1.1" },
      about: { "@id": "./" },
    });
    expect(root).toMatchObject({ "@id": "./", "@type": "Dataset", name: "small", keywords: "demo" });
    const listed = metadata["@graph"].filter((entity: { "@type": string }) => entity["@type"] === "File");
    expect(new Set(listed.map((file: { "@id": string }) => file["@id"]))).toEqual(
      new Set([...files.keys()].filter((path) => path !== "ro-crate-metadata.json")),
    );
    for (const file of listed) {
      const bytes = files.get(file["@id"]) ?? Buffer.of();
      expect(file).toMatchObject({
        contentSize: String(bytes.length),
        sha256: createHash("sha256").update(bytes).digest("hex"),
      });
    }
    expect(files.get("analyses/significance.csv")?.toString()).toContain(sweepId);
    expect(files.get("report.html")?.toString()).toContain("<h1>small</h1>");
  });

  it("is refused with the file that was changed, added, lost or forged, and leaves nothing behind", async () => {
    const files = await filesIn(archive);
    const runPath = [...files.keys()].find((path) => path.startsWith("runs/")) ?? "";
    const changed = (path: string, edit: (text: string) => string, listed = false) => {
      const copy = new Map(files);
      const before = files.get(path) ?? Buffer.of();
      const after = Buffer.from(edit(before.toString()));
      copy.set(path, after);
      if (listed) {
        const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
        const metadata = files.get("ro-crate-metadata.json")?.toString() ?? "";
        copy.set("ro-crate-metadata.json", Buffer.from(metadata.replace(hash(before), hash(after))));
      }
      return copy;
    };
    const without = new Map(files);
    without.delete(runPath);
    const cases: Array<[string, Map<string, Buffer>, RegExp]> = [
      [runPath, changed(runPath, (text) => text.replace("0.9", "0.8")), /was changed/],
      ["report.html", changed("report.html", (text) => `${text} `), /was changed/],
      ["extra.txt", new Map([...files, ["extra.txt", Buffer.from("x")]]), /not listed/],
      [runPath, without, /missing/],
      // Whoever changes the listed digest as well meets the digests and keys inside.
      ["spec.json", changed("spec.json", (text) => text.replace('"small"', '"large"'), true), /spec/],
      [
        "environments.json",
        changed("environments.json", (text) => text.replace("linux", "plan9"), true),
        /other values/,
      ],
      [runPath, changed(runPath, (text) => text.replace('"seed":', '"seed":1'), true), /key says/],
      [
        "study.json",
        changed("study.json", (text) => text.replace('"layout":1', '"layout":9'), true),
        /layout 9; this version reads layout 1/,
      ],
    ];
    for (const [file, broken, reason] of cases) {
      const { errors = [] } = problemOf(
        await importInto(target, await packed(broken)),
        400,
        "invalid-request",
      );
      expect(errors[0]?.path).toBe(file);
      expect(errors[0]?.message).toMatch(reason);
    }
    const forged = changed(
      runPath,
      (text) => text.replace(/("summary":\{"[A-Za-z]+":\{"count":)\d+/, "$15"),
      true,
    );
    expect(problemOf(await importInto(target, await packed(forged)), 400, "invalid-request").detail).toMatch(
      /is not that of its history/,
    );
    problemOf(await importInto(target, Buffer.from("no zip")), 400, "invalid-request");
    expect(await target.db.prisma.sweep.count()).toBe(0);
    expect(await target.db.prisma.run.count()).toBe(0);
  });

  it("reads back identically: every run, history, digest, prediction and analysis", async () => {
    const imported = await importInto(target, archive);
    expect(imported.status, imported.text).toBe(201);
    const before = await source.get(`/sweeps/${sweepId}`, sweep);
    const { imported: mark, ...after } = sweep.parse(imported.json);
    expect(after).toEqual({ ...before, imported: undefined });
    expect(mark?.software).toMatch(/^Reprise \d/);
    expect(await everythingOf(target)).toEqual(await everythingOf(source));
    const rows = async (api: ApiUnderTest) => [
      await api.db.prisma.reductionOrderChunk.findMany({
        orderBy: { runId: "asc" },
        select: { orders: true },
      }),
      await api.db.prisma.tensorDigestChunk.findMany({
        orderBy: { runId: "asc" },
        select: { digests: true, names: true },
      }),
    ];
    expect(await rows(target)).toEqual(await rows(source));
    const files = await filesIn(await archiveOf(target, sweepId));
    const original = await filesIn(archive);
    for (const [path, bytes] of original) {
      if (path.startsWith("runs/") || path.startsWith("analyses/") || path === "spec.json") {
        expect(files.get(path)?.equals(bytes), path).toBe(true);
      }
    }
  });

  it("of an older version may tell histories in the order of reporting, and is read as what it says", async () => {
    const files = await filesIn(archive);
    const said = await source.get(`/runs?sweepId=${sweepId}`, pageOf(run));
    const ids = new Map(said.items.map(({ id }): [string, string] => [id, randomUUID()]));
    const changed = [...files].map(([path, bytes]) => {
      const text = [...ids].reduce<string>((all, [id, other]) => all.replaceAll(id, other), bytes.toString());
      const named = [...ids].reduce<string>((all, [id, other]) => all.replace(id, other), path);
      const renamed = text.replaceAll(sweepId, formerId);
      return [named, Buffer.from(named.startsWith("runs/") ? asOlderVersion(renamed) : renamed)] as const;
    });
    const former = new Map(changed);
    const metadata = JSON.parse(former.get("ro-crate-metadata.json")?.toString() ?? "{}");
    for (const entity of metadata["@graph"]) {
      const bytes = former.get(entity["@id"]);
      if (!bytes || entity["@type"] !== "File") continue;
      entity.contentSize = String(bytes.length);
      entity.sha256 = createHash("sha256").update(bytes).digest("hex");
    }
    former.set("ro-crate-metadata.json", Buffer.from(JSON.stringify(metadata)));
    const imported = await importInto(target, await packed(former));
    expect(imported.status, imported.text).toBe(201);
    const { items } = await target.get(`/runs?sweepId=${formerId}`, pageOf(run));
    const before = new Map(said.items.map(({ id, summary }) => [ids.get(id), summary]));
    expect(items).toHaveLength(before.size);
    for (const { id, summary } of items) {
      const { judgement: _judgement, ...known } = before.get(id) ?? {};
      expect(summary).toEqual(known);
    }
  });

  it("keeps what zero-shot questions were asked of a contrastive study, and every answer", async () => {
    const capabilities = { ...trainer, name: "clip", tasks: ["contrastive" as const] };
    const id = randomUUID();
    await registerWorker(source.db, {
      id,
      name: "clip-worker",
      host: "localhost",
      pid: process.pid,
      devices: [{ kind: "cpu", name: "test", index: 0 }],
      leftOut: [],
      capabilities: [capabilities],
    });
    const { id: study } = await source.createSweep({
      name: "small",
      trainer: "clip",
      task: "contrastive",
      dataset: "wdbc",
      seeds: [0],
      modes: { deterministic: { repeats: 2 } },
      analysisPlan: { primaryMetric: "testAccuracy" },
    });
    const { items } = await source.get(`/runs?sweepId=${study}`, pageOf(run));
    for (const [index, { id: runId }] of items.entries()) {
      const ref = await claim(source, { id, name: "clip-worker" }, runId);
      await writeBatch(source.db, ref, metricBatch(0, 3, { testAccuracy: 0.9 }));
      await recordPredictions(source.db, ref, { ...predictionsWithFlip(null), question: "loop" });
      await recordPredictions(source.db, ref, { ...predictionsWithFlip(index), question: "thick" });
      const digest = createHash("sha256").update(runId).digest("hex");
      await finishAttempt(source.db, ref, {
        status: "succeeded",
        digest,
        selectedEpoch: 3,
        phases: {},
        energy: null,
      });
    }
    const imported = await importInto(target, await archiveOf(source, study));
    expect(imported.status, imported.text).toBe(201);
    for (const { id: runId } of items) {
      const answers = (api: ApiUnderTest) => api.get(`/runs/${runId}/predictions`, predictionsList);
      const there = await answers(target);
      expect(there.items.map(({ question }) => question)).toEqual(["loop", "thick"]);
      expect(there).toEqual(await answers(source));
    }
    const analysis = (api: ApiUnderTest) => api.call("GET", `/sweeps/${study}/analyses/classification`);
    const { status, json } = await analysis(target);
    expect(status).toBe(200);
    expect(json).toEqual((await analysis(source)).json);
  });

  it("never queues, but each of its runs can be verified here", async () => {
    problemOf(await importInto(target, archive), 409, "conflict");
    problemOf(await target.call("POST", `/sweeps/${sweepId}/retry-failed`), 409, "conflict");
    problemOf(
      await target.call("POST", `/sweeps/${sweepId}/extend`, { body: { seeds: [7] } }),
      409,
      "conflict",
    );
    const { items } = await target.get(`/runs?sweepId=${sweepId}`, pageOf(run));
    const failed = items.find(({ status }) => status === "failed")?.id;
    problemOf(await target.call("POST", `/runs/${failed}/retry`), 409, "conflict");
    expect(await takeDispatchable(target.db, { limitPerQueue: 100 })).toEqual([]);
    const runId = items.find(({ status }) => status === "succeeded")?.id ?? "";
    const verification = await createVerification(target.db, { runId, kind: "verify" });
    expect(verification).toMatchObject({ ok: true });
    expect(await takeDispatchable(target.db, { limitPerQueue: 100 })).toHaveLength(1);
  });

  it("is only made of a study that has ended", async () => {
    const { id } = await source.createSweep({ ...smallStudy, name: "open" });
    const { detail } = problemOf(await source.call("GET", `/sweeps/${id}/crate`), 409, "conflict");
    expect(detail).toContain("10 of its runs are queued or running");
    problemOf(await source.call("GET", `/sweeps/${id.replace(/^./, "f")}/crate`), 404, "not-found");
  });
});
