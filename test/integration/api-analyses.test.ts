import {
  analysisNames,
  classificationAnalysis,
  curvesAnalysis,
  determinismAnalysis,
  pageOf,
  run,
  significanceAnalysis,
} from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  problemOf,
  smallStudy,
  startTestApi,
  trainRun,
} from "./api-harness.js";

let api: ApiUnderTest;
let sweepId: string;
beforeAll(async () => {
  api = await startTestApi();
  const worker = await announceWorker(api);
  sweepId = (await api.createSweep({ ...smallStudy, name: "Étude n° 1/a" })).id;
  const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
  for (const { id, arm, repeat, configurationKey } of items) {
    const deterministic = arm === "det";
    const testAccuracy = deterministic ? 0.93 : 0.9 + 0.01 * repeat;
    const digest = (
      deterministic ? configurationKey : `${configurationKey}${repeat}${arm === "free" ? "f" : ""}`
    )
      .replace(/[^0-9a-f]/g, "f")
      .padEnd(64, "0");
    await trainRun(api, worker, id, { testAccuracy, digest });
  }
});
afterAll(() => api.close());

describe("analyses of a finished sweep", () => {
  it("determinism: deterministic repeats are identical, free ones spread", async () => {
    const { provenance, rows } = await api.get(
      `/sweeps/${sweepId}/analyses/determinism`,
      determinismAnalysis,
    );
    expect(provenance).toMatchObject({
      sweepId,
      metric: "testAccuracy",
      planned: true,
      runsUsed: 10,
      runsPending: 0,
    });
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row.identical).toBe(true);
      expect(row.deterministic).toMatchObject({ n: 2, mean: 0.93 });
      expect(row.others[0]).toMatchObject({ arm: "free", n: 3 });
      expect(row.others[0]?.mean).toBeCloseTo(0.91, 12);
      expect(row.others[0]?.range).toBeCloseTo(0.02, 12);
    }
  });

  it("significance, classification and curves parse against their contracts", async () => {
    const significance = await api.get(`/sweeps/${sweepId}/analyses/significance`, significanceAnalysis);
    expect(significance.rows).toHaveLength(2);
    const classification = await api.get(
      `/sweeps/${sweepId}/analyses/classification`,
      classificationAnalysis,
    );
    expect(classification.rows.length).toBeGreaterThan(0);
    const curves = await api.get(`/sweeps/${sweepId}/analyses/curves?metric=trainLoss`, curvesAnalysis);
    expect(curves.groups).toHaveLength(4);
    expect(curves.groups[0]?.steps).toEqual([1, 2, 3]);
  });

  it("takes another metric, labels it as chosen later, and names the nearest to a wrong one", async () => {
    const other = await api.get(
      `/sweeps/${sweepId}/analyses/determinism?metric=testAuc`,
      determinismAnalysis,
    );
    expect(other.provenance).toMatchObject({ metric: "testAuc", planned: false });
    const wrong = await api.call("GET", `/sweeps/${sweepId}/analyses/determinism?metric=testAccurcy`);
    expect(problemOf(wrong, 400, "invalid-request").errors?.[0]?.suggestion).toBe(
      'Did you mean "testAccuracy"?',
    );
  });

  it("leaves out an excluded run, and says so", async () => {
    const { items } = await api.get(`/runs?sweepId=${sweepId}&arm=free&limit=1`, pageOf(run));
    const path = `/runs/${items[0]?.id}`;
    await api.call("PATCH", path, { body: { excludedReason: "The machine overheated." } });
    const { provenance } = await api.get(`/sweeps/${sweepId}/analyses/determinism`, determinismAnalysis);
    expect(provenance.runsUsed).toBe(9);
    expect(provenance.runsExcluded).toEqual([{ runId: items[0]?.id, reason: "The machine overheated." }]);
    await api.call("PATCH", path, { body: { excludedReason: null } });
  });

  it.each([
    ["csv", "text/csv; charset=utf-8", "csv", /,/],
    ["latex", "application/x-tex; charset=utf-8", "tex", /\\begin\{tabular\}/],
    ["markdown", "text/markdown; charset=utf-8", "md", /\|\s*-{3,}|This study has no rows for this table/],
  ])("exports every analysis as %s", async (format, type, suffix, content) => {
    for (const name of analysisNames) {
      const answer = await api.call("GET", `/sweeps/${sweepId}/analyses/${name}?format=${format}`);
      expect(answer.status, answer.text).toBe(200);
      expect(answer.headers["content-type"]).toBe(type);
      expect(answer.headers["content-disposition"]).toMatch(
        new RegExp(`^attachment; filename="E-?tude-n-1-a-${name}-[A-Za-z]+\\.${suffix}"$`),
      );
      expect(answer.text).toMatch(content);
    }
  });

  it("refuses names and formats that do not exist, and sweeps that do not", async () => {
    problemOf(await api.call("GET", `/sweeps/${sweepId}/analyses/determinsm`), 400, "invalid-request");
    problemOf(
      await api.call("GET", `/sweeps/${sweepId}/analyses/curves?format=xlsx`),
      400,
      "invalid-request",
    );
    const nowhere = "00000000-0000-4000-8000-000000000000";
    problemOf(await api.call("GET", `/sweeps/${nowhere}/analyses/curves`), 404, "not-found");
  });
});
