import { pageOf, run, significanceAnalysis, sweep } from "@reprise/contracts";
import { afterAll, describe, expect, it } from "vitest";
import { problemOf, startTestApi } from "./api-harness.js";

const api = await startTestApi();
afterAll(() => api.close());

const study = {
  name: "sampled",
  trainer: "external",
  dataset: "slides",
  search: { method: "external" },
  modes: { deterministic: { repeats: 1 } },
  objective: { metric: "validationAccuracy", direction: "maximize" },
  analysisPlan: { primaryMetric: "validationAccuracy" },
};

describe("a run that its sampler gives up", () => {
  const post = (path: string, body: unknown) => api.call("POST", path, { body });
  const begun = async (sweepId: string, learningRate: number) => {
    const answer = await post("/runs", { sweepId, params: { learningRate }, seed: 0, mode: "deterministic" });
    expect(answer.status, answer.text).toBe(201);
    return run.parse(answer.json).id;
  };

  it("is pruned at its step: no failure, no evidence, and its histories stay", async () => {
    const { id } = await api.createSweep(study);
    const [good, given, silent] = [await begun(id, 0.1), await begun(id, 10), await begun(id, 20)];
    for (const runId of [given, silent])
      await post(`/runs/${runId}/metrics`, { step: 4, metrics: { validationAccuracy: 0.1 } });
    const ends = [
      await post(`/runs/${given}/finish`, { status: "pruned", prunedAtStep: 3 }),
      // Without a step: the last that was reported.
      await post(`/runs/${silent}/tell`, { status: "pruned" }),
    ];
    expect(ends.map(({ json }) => run.parse(json))).toMatchObject([
      { status: "pruned", prunedAtStep: 3, excludedReason: null, error: null },
      { status: "pruned", prunedAtStep: 4, summary: { validationAccuracy: { last: 0.1 } } },
    ]);
    await post(`/runs/${good}/tell`, { value: 0.9, step: 5 });

    const now = await api.get(`/sweeps/${id}`, sweep);
    expect(now).toMatchObject({ status: "succeeded", runCounts: { succeeded: 1, pruned: 2, failed: 0 } });
    const listed = await api.get(
      `/runs?sweepId=${id}&filter=${encodeURIComponent("prunedAtStep > 3")}&status=pruned`,
      pageOf(run),
    );
    expect(listed.items.map((one) => one.id)).toEqual([silent]);
    const { provenance, notes } = await api.get(`/sweeps/${id}/analyses/significance`, significanceAnalysis);
    expect(provenance).toMatchObject({ runsUsed: 1, runsPending: 0, runsExcluded: [] });
    expect(notes.join(" ")).toContain("2 runs pruned at steps 3 to 4");
    expect(notes.join(" ")).not.toMatch(/failed/);
    expect(problemOf(await post(`/runs/${given}/verify`, {}), 409, "conflict").detail).toContain("is pruned");
    expect(problemOf(await post(`/runs/${given}/retry`, {}), 409, "conflict").detail).toContain("is pruned");
  });

  it("has a step only where it was pruned", async () => {
    const { id } = await api.createSweep({ ...study, name: "another" });
    const runId = await begun(id, 1);
    const answer = problemOf(
      await post(`/runs/${runId}/finish`, { prunedAtStep: 3 }),
      400,
      "invalid-request",
    );
    expect(answer.errors).toMatchObject([{ path: "prunedAtStep" }]);
  });
});
