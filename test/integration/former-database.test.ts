import { readFile } from "node:fs/promises";
import { createApi } from "@reprise/api";
import {
  analysisNames,
  determinismAnalysis,
  failureList,
  pageOf,
  predictionsList,
  run,
  runDetail,
  runLadder,
  runMetrics,
  studyReport,
  sweep,
  systemMetrics,
  verification,
  verificationList,
  webhookList,
} from "@reprise/contracts";
import { migrate } from "@reprise/database";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { formerDatabase } from "../support/former-database.js";
import { testApiConfig } from "../support/test-server.js";

const adminToken = "of-the-administrator-of-this-test";
const former = await formerDatabase();
const { recorded } = former;
const { studyId } = recorded;
const authentication = { mode: "token", token: adminToken } as const;
const server = createApi(testApiConfig(former.url, { authentication }));
let base: string;
beforeAll(async () => {
  await migrate(former.url);
  base = `${(await server.start()).url}/api/v1`;
});
afterAll(async () => {
  await server.stop();
  await former.drop();
});

/** As somebody who got the token from the former version. */
async function ask(path: string, { body, token = recorded.token }: { body?: unknown; token?: string } = {}) {
  const answer = await fetch(base + path, {
    headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.ok, `${path} answered ${answer.status}: ${bytes.subarray(0, 2_000)}`).toBe(true);
  return bytes;
}
const text = async (path: string) => (await ask(path)).toString();
const get = async <S extends z.ZodType>(path: string, schema: S, token?: string) =>
  schema.parse(JSON.parse((await ask(path, { token })).toString()));

const runsOfStudy = async () => (await get(`/runs?sweepId=${studyId}&limit=100`, pageOf(run))).items;

it("went through migrations that nobody has changed since", async () => {
  expect(former.migrations.length).toBeGreaterThan(0);
  for (const { name, sql } of former.migrations) {
    const now = await readFile(new URL(`../../prisma/migrations/${name}/migration.sql`, import.meta.url));
    expect(now.toString(), name).toBe(sql);
  }
});

it("lists the studies with their ends", async () => {
  const { items } = await get("/sweeps", pageOf(sweep));
  expect(items.map(({ id, name, status, totalRuns }) => ({ id, name, status, totalRuns }))).toEqual(
    recorded.studies,
  );
});

it("shows every run with its digest, its figures and what somebody noted of it", async () => {
  const items = await runsOfStudy();
  expect(
    items.map(({ id, arm, seed, repeat, digest, excludedReason, notes, tags, summary }) => ({
      ...{ id, arm, seed, repeat, digest, excludedReason, notes, tags },
      testAccuracy: summary.testAccuracy?.selected,
    })),
  ).toEqual(recorded.runs);
  expect(items.filter(({ excludedReason }) => excludedReason !== null)).toHaveLength(1);
});

it("answers a run's history, ladder, predictions, logs, environment, machine and files", async () => {
  const { runId, steps, values } = recorded.history;
  const path = `/runs/${runId}`;
  const { series } = await get(`${path}/metrics?keys=testAccuracy`, runMetrics);
  expect(series.testAccuracy).toMatchObject({ steps, values });
  const { attempts, status } = await get(path, runDetail);
  expect([status, attempts.map((attempt) => attempt.status)]).toEqual(["succeeded", ["succeeded"]]);
  const { rungs } = await get(`${path}/ladder`, runLadder);
  expect(rungs.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["environment", "finalWeights"]));
  const predictions = (await get(`${path}/predictions`, predictionsList)).items;
  expect(predictions.map(({ split, ids }) => [split, ids.length])).toEqual([
    ["validation", 114],
    ["test", 114],
  ]);
  const system = await get(`${path}/system-metrics`, systemMetrics);
  expect(Object.keys(system.series)).toContain("residentMemoryBytes");
  expect(await text(`${path}/logs`)).toContain("Attempt 1 on lab");
  expect(await text(`${path}/environment`)).toContain('"dataset.name":"wdbc"');
  expect(await text(`${path}/artifacts`)).toContain("final");
});

it("answers what came of verifying runs, in the words of then", async () => {
  for (const { id, ...expected } of recorded.verifications) {
    expect(await get(`/verifications/${id}`, verification)).toMatchObject(expected);
    const { items } = await get(`/runs/${expected.runId}/verifications`, verificationList);
    expect(items.map((item) => item.id)).toContain(id);
  }
});

/** Rows of a CSV by the names of their columns; cells hold no line breaks. */
function rowsOf(csv: string): Record<string, string>[] {
  const [head = [], ...rows] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell = ""]) => cell));
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ""])));
}

it("draws the same conclusion on determinism, in the same table", async () => {
  const path = `/sweeps/${studyId}/analyses/determinism`;
  const { headline } = await get(path, determinismAnalysis);
  for (const said of recorded.determinism.sentence.split(/(?<=\.) /))
    expect(headline.sentence).toContain(said);
  // Columns that came since are told apart by their names; those of then hold what they held. Method and correction are words of today.
  const now = rowsOf(await text(`${path}?format=csv`));
  const then = rowsOf(recorded.determinism.csv);
  expect(now).toHaveLength(then.length);
  for (const [index, row] of now.entries()) {
    const { method: _, correction: __, ...figures } = then[index] ?? {};
    expect(row).toMatchObject(figures);
  }
});

it.each(analysisNames)("computes and exports the analysis %s", async (name) => {
  const path = `/sweeps/${studyId}/analyses/${name}`;
  await get(path, z.looseObject({ analysis: z.literal(name) }));
  for (const format of ["csv", "latex", "markdown"])
    expect((await ask(`${path}?format=${format}`)).length).toBeGreaterThan(20);
});

it("reports on the study and packs it", async () => {
  const report = await get(`/sweeps/${studyId}/report`, studyReport);
  const determinism = report.results.find((result) => result.analysis === "determinism");
  expect(determinism?.verdicts.map(({ sentence }) => sentence)).toEqual(recorded.determinism.verdicts);
  expect((await ask(`/sweeps/${studyId}/report?format=html`)).length).toBeGreaterThan(1_000);
  const crate = await ask(`/sweeps/${studyId}/crate`);
  expect(crate.subarray(0, 2).toString()).toBe("PK");
});

it("shows the run that was logged, why another failed, and no pictures whose files are gone", async () => {
  const { id, sweepId } = recorded.logged;
  const detail = await get(`/runs/${id}`, runDetail);
  expect(detail).toMatchObject({ sweepId, trainer: "external", status: "succeeded", tags: ["notebook"] });
  const { series } = await get(`/runs/${id}/metrics`, runMetrics);
  expect(series.trainLoss?.values).toEqual([0.7, "NaN"]);
  const idOf = (words: string) => recorded.studies.find(({ name }) => name.startsWith(words))?.id;
  const [cause] = (await get(`/sweeps/${idOf("fails")}/failures`, failureList)).items;
  expect(cause).toMatchObject({ kind: "user", count: 1 });
  expect(cause?.message).toMatch(/larger than the training set/);
  // The database names its sheets, but their files stayed on the machine of then.
  expect(await text(`/sweeps/${idOf("pictures")}/thumbnails`)).toBe('{"items":[]}');
});

it("knows the webhook, whose address it does not show", async () => {
  const { items } = await get("/webhooks", webhookList, adminToken);
  expect(items).toMatchObject([{ name: "nobody", kind: "generic", host: "127.0.0.1:9", signed: true }]);
});

it("queues a new study, and a verification of a run of then", async () => {
  const made = await ask("/sweeps", {
    body: { name: "of this version", dataset: "wdbc", base: { model: "mlp", epochs: 1 }, seeds: [1] },
  });
  const created = sweep.parse(JSON.parse(made.toString()));
  expect(created).toMatchObject({ status: "queued", totalRuns: 1 });
  const verified = await ask(`/runs/${recorded.history.runId}/verify`, { body: {} });
  expect(verification.parse(JSON.parse(verified.toString()))).toMatchObject({ status: "queued" });
  const { items } = await get(`/runs?sweepId=${created.id}`, pageOf(run));
  expect(items).toMatchObject([{ status: "queued" }]);
});
