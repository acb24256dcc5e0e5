import { curvesAnalysis, run, runMetrics } from "@reprise/contracts";
import { expect } from "vitest";
import type { ApiUnderTest } from "../integration/api-harness.js";

type Points = { steps: number[]; values: (number | string)[] };

/** What one run reports, call by call: histories, or single metrics of a step. */
export type Reports = Array<Record<string, Points>>;

/** Sends a body and gives the answer, which must be a good one. */
export async function send(api: ApiUnderTest, path: string, body: unknown): Promise<unknown> {
  const answer = await api.call("POST", path, { body });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.json;
}

/** A study of runs trained elsewhere, one seed each; each is told in calls one after another, and ended. */
export async function loggedStudy(
  api: ApiUnderTest,
  runs: readonly {
    params?: Record<string, string | number | boolean>;
    reports: Reports;
    tell?: object;
    open?: boolean;
  }[],
): Promise<{ sweepId: string; runIds: string[] }> {
  const study = {
    name: "logged",
    trainer: "external",
    dataset: "anything",
    search: { method: "external" },
    modes: { nondeterministic: { repeats: 1 } },
    objective: { metric: "validationAccuracy", direction: "maximize" },
  };
  const { id: sweepId } = await api.createSweep(study);
  const runIds: string[] = [];
  for (const [seed, { params = {}, reports, tell, open }] of runs.entries()) {
    const { id } = run.parse(await send(api, "/runs", { sweepId, params, seed }));
    runIds.push(id);
    for (const series of reports) await send(api, `/runs/${id}/metrics`, { series });
    if (tell) await send(api, `/runs/${id}/tell`, tell);
    else if (!open) await send(api, `/runs/${id}/finish`, {});
  }
  return { sweepId, runIds };
}

/** The series of a metric as a text: "1: 0.1, 2: 0.5". */
export async function seriesText(api: ApiUnderTest, runId: string, key: string): Promise<string> {
  const { series } = await api.get(`/runs/${runId}/metrics`, runMetrics);
  const { steps = [], values = [] } = series[key] ?? {};
  return steps.map((step, index) => `${step}: ${values[index]}`).join(", ");
}

/** Summary of a metric of a run. */
export async function summaryOf(api: ApiUnderTest, runId: string, key: string) {
  const summary = (await api.get(`/runs/${runId}`, run.loose())).summary[key];
  if (!summary) throw new Error(`run ${runId} has no ${key}`);
  return summary;
}

/** The first group of the curves of a study. */
export async function curveOf(api: ApiUnderTest, sweepId: string, metric: string) {
  const { groups, notes } = await api.get(
    `/sweeps/${sweepId}/analyses/curves?metric=${metric}`,
    curvesAnalysis,
  );
  const [group] = groups;
  if (!group) throw new Error("no curve");
  return { group, notes };
}
