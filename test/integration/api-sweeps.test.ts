import { type FieldError, pageOf, run, sweep, sweepCheck, sweepPreview } from "@reprise/contracts";
import { touchWorker } from "@reprise/database";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  problemOf,
  smallStudy,
  startTestApi,
  type TestWorker,
  trainRun,
} from "./api-harness.js";

let api: ApiUnderTest;
let worker: TestWorker;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
});
// As its heartbeat would: on a busy machine the tests take longer than a worker may be silent.
beforeEach(() => touchWorker(api.db, worker.id));
afterAll(() => api.close());

const sweepCount = async () => (await api.get("/sweeps?limit=1000", pageOf(sweep))).items.length;
const post = (body: unknown, headers: Record<string, string> = {}) =>
  api.call("POST", "/sweeps", { body, headers });

describe("creating a sweep", () => {
  it("answers 201 with the sweep, its address and its queued runs", async () => {
    const answer = await post(smallStudy);
    expect(answer.status, answer.text).toBe(201);
    const created = sweep.parse(answer.json);
    expect(answer.headers.location).toBe(`/api/v1/sweeps/${created.id}`);
    expect(created).toMatchObject({ name: "small", status: "queued", totalRuns: 10, preset: null });
    expect(created.runCounts).toEqual({
      queued: 10,
      running: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      pruned: 0,
    });
    expect(created.specDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(created.analysisPlanDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(await api.get(`/sweeps/${created.id}`, sweep)).toEqual(created);
  });

  it("takes YAML too", async () => {
    const yaml = "name: from yaml\ndataset: wdbc\nbase: { epochs: 2 }\nseeds: [0, 1]\n";
    const answer = await api.call("POST", "/sweeps", {
      body: yaml,
      headers: { "content-type": "application/yaml" },
    });
    expect(answer.status, answer.text).toBe(201);
    expect(sweep.parse(answer.json)).toMatchObject({ name: "from yaml", totalRuns: 2 });
  });

  it("takes the data set's own split where the document names none", async () => {
    const splitOf = async (dataset: unknown) => {
      const { spec } = sweep.parse((await post({ ...smallStudy, dataset })).json);
      return spec.dataset.split;
    };
    const own = { train: 0.5, validation: 0.25, test: 0.25, seed: 7, groupBy: null };
    expect(await splitOf("wdbc")).toEqual(own);
    expect(await splitOf({ name: "wdbc" })).toEqual(own);
    const chosen = { train: 0.8, validation: 0.1, test: 0.1, seed: 2, groupBy: null };
    expect(await splitOf({ name: "wdbc", split: chosen })).toEqual(chosen);
  });

  it("records the preset that the document came from, and knows no other", async () => {
    const answer = await api.call("POST", "/sweeps?preset=quickstart", { body: smallStudy });
    expect(sweep.parse(answer.json).preset).toBe("quickstart");
    const before = await sweepCount();
    const wrong = await api.call("POST", "/sweeps?preset=quikstart", { body: smallStudy });
    expect(problemOf(wrong, 400, "invalid-request").errors?.[0]).toMatchObject({
      path: "preset",
      suggestion: 'Did you mean "quickstart"?',
    });
    expect(await sweepCount()).toBe(before);
  });
});

describe("a document that cannot be run", () => {
  const invalid: Array<[string, unknown, { path: string; message: RegExp; suggestion?: RegExp }]> = [
    [
      "unknown key",
      { ...smallStudy, sedes: [1] },
      { path: "sedes", message: /unknown key/, suggestion: /"seeds"/ },
    ],
    [
      "unknown hyperparameter",
      { ...smallStudy, base: { epoch: 3 } },
      { path: "base.epoch", message: /no hyperparameter/, suggestion: /"epochs"/ },
    ],
    [
      "test metric as objective",
      { ...smallStudy, objective: { metric: "testAccuracy", direction: "maximize" } },
      { path: "objective.metric", message: /test metric/ },
    ],
    ["wrong type", { ...smallStudy, seeds: "zero" }, { path: "seeds", message: /"zero" is not a seed/ }],
    [
      "wrong type of a hyperparameter",
      { ...smallStudy, base: { epochs: "three" } },
      { path: "base.epochs", message: /./ },
    ],
    [
      "empty grid",
      { ...smallStudy, search: { method: "grid", parameters: { optimizer: [] } } },
      { path: "search.parameters.optimizer", message: /empty grid/ },
    ],
    [
      "NaN as a string where a number belongs",
      { ...smallStudy, base: { learningRate: "NaN" } },
      { path: "base.learningRate", message: /./ },
    ],
    [
      "a data set that nobody has",
      { ...smallStudy, dataset: "wdbx" },
      { path: "dataset.name", message: /unknown dataset/, suggestion: /"wdbc"/ },
    ],
    [
      "a data set whose files are absent",
      { ...smallStudy, dataset: "pcam" },
      { path: "dataset.name", message: /not there/, suggestion: /data\/pcam/ },
    ],
    [
      "an unknown trainer while others are known",
      { ...smallStudy, trainer: "torch" },
      { path: "trainer", message: /unknown trainer/, suggestion: /tfjs/ },
    ],
  ];

  it("names all mistakes at once, those of form and those that the trainer alone knows, also to whoever only checks", async () => {
    const document = { ...smallStudy, name: "n".repeat(126), base: { lerningRate: 1 }, seeds: "0-2, 2" };
    const expected = ["base.lerningRate", "name", "seeds"];
    const pathsOf = (errors: readonly FieldError[] = []) => errors.map(({ path }) => path).toSorted();
    expect(pathsOf(problemOf(await post(document), 422, "invalid-sweep-spec").errors)).toEqual(expected);
    const check = async (body: unknown) =>
      sweepCheck.parse((await api.call("POST", "/sweeps/check", { body })).json).errors;
    expect(pathsOf(await check(document))).toEqual(expected);
    expect(await check(smallStudy)).toEqual([]);
    expect(pathsOf(await check([]))).toEqual([""]);
  });

  it.each(invalid)("%s: named by path, and nothing is created", async (_name, document, expected) => {
    const before = await sweepCount();
    const { errors = [] } = problemOf(await post(document), 422, "invalid-sweep-spec");
    const error = errors.find(({ path }) => path === expected.path);
    expect(error, JSON.stringify(errors)).toBeDefined();
    expect(error?.message).toMatch(expected.message);
    if (expected.suggestion) expect(error?.suggestion).toMatch(expected.suggestion);
    expect(await sweepCount()).toBe(before);
  });

  it("a grid of 10^9 runs is refused at once, with the count", async () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1);
    const parameters = { epochs: values, batchSize: values, weightDecay: values };
    const before = await sweepCount();
    const answer = await post({ name: "huge", dataset: "wdbc", search: { method: "grid", parameters } });
    const document = problemOf(answer, 422, "sweep-too-large");
    expect(document.detail).toContain("1,000,000,000");
    expect(await sweepCount()).toBe(before);
  });

  it("no document at all", async () => {
    problemOf(await api.call("POST", "/sweeps"), 422, "invalid-sweep-spec");
    problemOf(await post([]), 422, "invalid-sweep-spec");
    const yaml = await api.call("POST", "/sweeps", {
      body: "a: [",
      headers: { "content-type": "application/yaml" },
    });
    expect(problemOf(yaml, 400, "invalid-request").detail).toMatch(/YAML/);
  });
});

describe("Idempotency-Key", () => {
  it("creates once and repeats the first answer", async () => {
    const headers = { "idempotency-key": "key-1" };
    const before = await sweepCount();
    const first = await post(smallStudy, headers);
    const second = await post(smallStudy, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json).toEqual(first.json);
    expect(second.headers.location).toBe(first.headers.location);
    expect(await sweepCount()).toBe(before + 1);
  });

  it("creates once although two requests race", async () => {
    const headers = { "idempotency-key": "key-race" };
    const before = await sweepCount();
    const answers = await Promise.all([
      post(smallStudy, headers),
      post(smallStudy, headers),
      post(smallStudy, headers),
    ]);
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect(await sweepCount()).toBe(before + 1);
  });

  it("refuses another request under the same key, and forgets a failed one", async () => {
    const headers = { "idempotency-key": "key-2" };
    problemOf(await post({ ...smallStudy, base: { epoch: 1 } }, headers), 422, "invalid-sweep-spec");
    expect((await post(smallStudy, headers)).status).toBe(201);
    problemOf(await post({ ...smallStudy, name: "other" }, headers), 422, "idempotency-key-reused");
  });
});

describe("preview", () => {
  it("says what would happen and creates nothing", async () => {
    const before = await sweepCount();
    const answer = await api.call("POST", "/sweeps/preview", { body: smallStudy });
    expect(answer.status, answer.text).toBe(200);
    const preview = sweepPreview.parse(answer.json);
    expect(preview).toMatchObject({ runCount: 10, seeds: [0], estimatedMs: null, errors: [] });
    expect(preview.arms.map(({ name, repeats, mode }) => [name, repeats, mode])).toEqual([
      ["det", 2, "deterministic"],
      ["free", 3, "nondeterministic"],
    ]);
    expect(preview.configurations).toHaveLength(2);
    expect(preview.firstRuns).toHaveLength(10);
    expect(preview.warnings.length).toBeGreaterThan(0);
    expect(preview.estimates).toMatchObject({ formerRuns: 0, kWh: null, workers: [worker.name], slots: 1 });
    expect(await sweepCount()).toBe(before);
  });

  it("estimates time and detectable shift from runs of the same configurations", async () => {
    const spec = { ...smallStudy, seeds: [91], analysisPlan: { primaryMetric: "testAccuracy" } };
    const { id } = await api.createSweep(spec);
    const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
    const free = items.filter(({ arm }) => arm === "free");
    for (const { id: runId, repeat } of free)
      await trainRun(api, worker, runId, {
        testAccuracy: 0.9 + 0.02 * (repeat % 2),
        digest: "ab".repeat(32),
      });
    const answer = await api.call("POST", "/sweeps/preview", { body: spec });
    const { estimatedMs, estimates } = sweepPreview.parse(answer.json);
    expect(estimatedMs).toBeGreaterThan(0);
    expect(estimates).toMatchObject({ formerRuns: free.length, likeness: "configuration", kWh: null });
    expect(estimates?.runsAhead).toBeGreaterThanOrEqual(items.length - free.length);
    const [detectable] = estimates?.detectable ?? [];
    expect(detectable).toMatchObject({
      metric: "testAccuracy",
      arm: "free",
      repeats: 3,
      sdRuns: free.length,
    });
    expect(detectable?.shift).toBeCloseTo((detectable?.shiftInSd ?? 0) * (detectable?.sd ?? 0), 12);
    expect(detectable?.sd).toBeCloseTo(0.02 / Math.sqrt(3), 10);
  });

  it("counts what is too large, and lists what stands in the way", async () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1);
    const search = { method: "grid", parameters: { epochs: values, batchSize: values } };
    const large = await api.call("POST", "/sweeps/preview", { body: { name: "x", dataset: "wdbc", search } });
    const preview = sweepPreview.parse(large.json);
    expect(preview.runCount).toBe(1_000_000);
    expect(preview.errors[0]?.message).toMatch(/1,000,000/);
    const absent = await api.call("POST", "/sweeps/preview", { body: { ...smallStudy, dataset: "pcam" } });
    expect(sweepPreview.parse(absent.json).errors[0]?.path).toBe("dataset.name");
  });
});

describe("listing and changing sweeps", () => {
  it("pages through all of them, newest first, none twice", async () => {
    for (const name of ["p1", "p2", "p3"]) await api.createSweep({ name, dataset: "wdbc" });
    const all = (await api.get("/sweeps?limit=1000", pageOf(sweep))).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const at: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: { id: string }[]; nextCursor: string | null } = await api.get(
        `/sweeps?limit=2${at}`,
        pageOf(sweep),
      );
      expect(page.items.length).toBeLessThanOrEqual(2);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);
    expect((await api.get("/sweeps?limit=3", pageOf(sweep))).items.map(({ name }) => name)).toEqual([
      "p3",
      "p2",
      "p1",
    ]);
  });

  it("finds sweeps by a part of the name, by tag and by status", async () => {
    const { id } = await api.createSweep({ name: "Width_1 at 50 %", dataset: "wdbc", tags: ["thesis"] });
    await api.createSweep({ name: "width-1 at 50", dataset: "wdbc" });
    const found = async (query: string) =>
      (await api.get(`/sweeps?${query}`, pageOf(sweep))).items.map((item) => item.id);
    expect(await found("name=width_1")).toEqual([id]);
    expect(await found(`name=${encodeURIComponent("50 %")}`)).toEqual([id]);
    expect(await found("tag=thesis&status=queued")).toEqual([id]);
    expect(await found("tag=thesis&status=failed")).toEqual([]);
    expect(await found("tag=thes")).toEqual([]);
  });

  it("refuses a cursor and a query key it does not know", async () => {
    problemOf(await api.call("GET", "/sweeps?cursor=nonsense"), 400, "invalid-request");
    const answer = problemOf(await api.call("GET", "/sweeps?limt=3"), 400, "invalid-request");
    expect(answer.errors?.[0]?.suggestion).toBe('Did you mean "limit"?');
  });

  it("changes name, tags, notes and priority, and leaves the rest", async () => {
    const { id, specDigest } = await api.createSweep({ name: "before", dataset: "wdbc" });
    const patch = { name: "after", tags: ["paper"], notes: "Rerun for the revision.", priority: 5 };
    const answer = await api.call("PATCH", `/sweeps/${id}`, { body: patch });
    expect(sweep.parse(answer.json)).toMatchObject({ ...patch, specDigest });
    problemOf(
      await api.call("PATCH", `/sweeps/${id}`, { body: { status: "paused" } }),
      400,
      "invalid-request",
    );
    const nowhere = "00000000-0000-4000-8000-000000000000";
    problemOf(await api.call("PATCH", `/sweeps/${nowhere}`, { body: patch }), 404, "not-found");
    problemOf(await api.call("GET", `/sweeps/${nowhere}`), 404, "not-found");
  });

  it("puts a sweep that has ended aside, and shows one again that goes on", async () => {
    const { id } = await api.createSweep({ name: "aside", dataset: "wdbc", seeds: [0] });
    const archive = (archived: boolean) => api.call("PATCH", `/sweeps/${id}`, { body: { archived } });
    const listed = async (query = "") =>
      (await api.get(`/sweeps?name=aside${query}`, pageOf(sweep))).items.map((item) => item.id);
    expect(problemOf(await archive(true), 409, "conflict").detail).toContain("put aside when it has ended");
    await api.call("POST", `/sweeps/${id}/cancel`);
    expect(sweep.parse((await archive(true)).json).archivedAt).toMatch(/^\d{4}-/);
    expect([await listed(), await listed("&archived=true")]).toEqual([[], [id]]);
    expect((await api.get(`/sweeps/${id}`, sweep)).name).toBe("aside");
    const more = await api.call("POST", `/sweeps/${id}/retry-failed`);
    expect(more.status, more.text).toBe(200);
    expect([await listed(), await listed("&archived=true")]).toEqual([[id], []]);
    await api.call("POST", `/sweeps/${id}/cancel`);
    expect(await listed()).toEqual([]);
    expect(sweep.parse((await archive(false)).json).archivedAt).toBeNull();
    expect(await listed()).toEqual([id]);
  });
});
