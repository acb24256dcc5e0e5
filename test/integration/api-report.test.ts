import { pageOf, run, studyReport } from "@reprise/contracts";
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
  sweepId = (await api.createSweep({ ...smallStudy, name: "<Report>" })).id;
  const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
  for (const { id, arm, repeat } of items)
    await trainRun(api, worker, id, {
      testAccuracy: arm === "det" ? 0.93 : 0.9 + 0.01 * repeat,
      digest: `${arm === "det" ? 0 : repeat}`.padEnd(64, "0"),
    });
});
afterAll(() => api.close());

describe("the report of a sweep", () => {
  it("is data, with design, results and checklists", async () => {
    const report = await api.get(`/sweeps/${sweepId}/report`, studyReport);
    expect(report).toMatchObject({ title: "<Report>", sweepId, provisional: null });
    expect(report.results.map(({ analysis }) => analysis)).toContain("determinism");
    expect(report.checklists.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ["markdown", "text/markdown; charset=utf-8", "# &lt;Report&gt;"],
    ["html", "text/html; charset=utf-8", "<h1>&lt;Report&gt;</h1>"],
  ])("is a page to take away as %s", async (format, type, title) => {
    const answer = await api.call("GET", `/sweeps/${sweepId}/report?format=${format}`);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers["content-type"]).toBe(type);
    expect(answer.text).toContain(title);
    if (format === "html") expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("takes another metric, and refuses unknown ones, formats and sweeps", async () => {
    const other = await api.get(`/sweeps/${sweepId}/report?metric=testAuc`, studyReport);
    expect(other.tests[0]).toContain("chosen after seeing results");
    const path = `/sweeps/${sweepId}/report`;
    expect(
      problemOf(await api.call("GET", `${path}?metric=testAucc`), 400, "invalid-request").errors?.[0]
        ?.suggestion,
    ).toBe('Did you mean "testAuc"?');
    problemOf(await api.call("GET", `${path}?format=pdf`), 400, "invalid-request");
    problemOf(await api.call("GET", "/sweeps/00000000-0000-4000-8000-000000000000/report"), 404, "not-found");
  });
});
