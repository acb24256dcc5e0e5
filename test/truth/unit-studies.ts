import { run } from "@reprise/contracts";
import { expect } from "vitest";
import { z } from "zod";
import type { ApiUnderTest } from "../integration/api-harness.js";
import { send } from "./logged-study.js";

/** Values of one metric by group, a run each at seeds 0, 1, …; a list is a course. */
export type Groups = Readonly<Record<string, readonly (number | readonly number[])[]>>;

/** A study of runs trained elsewhere, whose configurations are the groups. */
export async function groupedStudy(
  api: ApiUnderTest,
  metric: string,
  groups: Groups,
  declared: object = {},
): Promise<string> {
  const { id: sweepId } = await api.createSweep({
    ...{ name: "units", trainer: "external", dataset: "anything", search: { method: "external" } },
    modes: { nondeterministic: { repeats: 1 } },
    ...declared,
  });
  for (const [group, values] of Object.entries(groups)) {
    for (const [seed, value] of values.entries()) {
      const body = { sweepId, params: { group }, label: group, seed };
      const { id } = run.parse(await send(api, "/runs", body));
      const course = typeof value === "number" ? [value] : [...value];
      const series = { [metric]: { steps: course.map((_, index) => index + 1), values: course } };
      await send(api, `/runs/${id}/metrics`, { series });
      await send(api, `/runs/${id}/finish`, {});
    }
  }
  return sweepId;
}

export const declare = async (api: ApiUnderTest, sweepId: string, metrics: object) =>
  api.call("PATCH", `/sweeps/${sweepId}`, { body: { metrics } });

const figure = z.union([z.number(), z.string()]).nullable();
const span = z.object({ low: figure, high: figure });
const compared = z.object({
  comparisons: z.array(
    z.object({
      difference: figure,
      interval: span,
      p: figure,
      verdict: z.object({ sentence: z.string() }),
      reason: z.string().nullable(),
    }),
  ),
  summaries: z.array(
    z.object({ group: z.string(), mean: figure, interval: span, points: z.array(z.number()).nullish() }),
  ),
  notes: z.array(z.string()),
});

/** Groups a and b of a study, or of two, compared on a metric. */
export async function compareAB(api: ApiUnderTest, metric: string, sweepId: string, other = sweepId) {
  const groups = [sweepId, other].map((id, index) => {
    const name = index === 0 ? "a" : "b";
    return { name, sweepId: id, filter: `params.group = '${name}'` };
  });
  const answer = compared.parse(await send(api, "/comparisons", { metrics: [metric], groups }));
  const [first] = answer.comparisons;
  if (!first) throw new Error("no comparison");
  return { ...answer, ...first, sentence: first.verdict.sentence };
}

const analysis = z.object({
  verdicts: z.array(z.object({ sentence: z.string(), basis: z.array(z.string()) })),
  headline: z.object({ sentence: z.string() }).optional(),
  notes: z.array(z.string()),
  provenance: z.object({
    metric: z.string(),
    metricUnit: z.string(),
    metricKnown: z.object({ unit: z.string(), direction: z.string() }).nullish(),
  }),
});

export async function analysisOf(api: ApiUnderTest, sweepId: string, name: string, metric: string) {
  return api.get(`/sweeps/${sweepId}/analyses/${name}?metric=${encodeURIComponent(metric)}`, analysis);
}

const groupsAnswer = z.object({
  refusal: z.string().nullish(),
  notes: z.array(z.string()).default([]),
  groups: z.array(
    z.object({
      mean: figure,
      interval: span.nullable(),
      points: z.array(z.number()).nullish(),
      intervalReason: z.string().nullish(),
    }),
  ),
});

export async function groupsOf(api: ApiUnderTest, query: string) {
  return api.get(`/runs/groups?${query}`, groupsAnswer);
}

/** A file of an analysis as it leaves the server. */
export async function fileOf(api: ApiUnderTest, path: string): Promise<string> {
  const answer = await api.call("GET", path);
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
}

const at = (value: number | string | null, factor: number) =>
  typeof value === "number" ? (factor * value).toFixed(1) : String(value);

/** An interval in percent of a fraction, to one decimal. */
export const inPercent = ({ low, high }: z.infer<typeof span>) => `${at(low, 100)} to ${at(high, 100)} %`;
export const asIs = ({ low, high }: z.infer<typeof span>) => `${at(low, 1)} to ${at(high, 1)}`;
