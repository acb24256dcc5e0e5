import { comparisonAnswer, pageOf, run } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  problemOf,
  smallStudy,
  startTestApi,
  trainRun,
} from "./api-harness.js";

const free = (optimizer: string) => `arm = 'free' and params.optimizer = '${optimizer}'`;

let api: ApiUnderTest;
let sweepId: string;
beforeAll(async () => {
  api = await startTestApi();
  const worker = await announceWorker(api);
  const spec = {
    ...smallStudy,
    seeds: [0, 1, 2],
    modes: { nondeterministic: { repeats: 2 } },
    analysisPlan: {
      primaryMetric: "testAccuracy",
      contrasts: ["configuration"],
      margin: { testAccuracy: 0.2 },
    },
  };
  sweepId = (await api.createSweep(spec)).id;
  const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
  for (const [index, { id, seed, repeat, params }] of items.entries()) {
    const base = params.optimizer === "adam" ? 0.9 : 0.87;
    const testAccuracy =
      base + ([0, 0.011, 0.024][seed] ?? 0) * (params.optimizer === "adam" ? 1 : 1.3) + 0.002 * repeat;
    await trainRun(api, worker, id, { testAccuracy, digest: index.toString(16).padStart(64, "0") });
  }
});
afterAll(() => api.close());

const compare = (body: object) => api.call("POST", "/comparisons", { body: { sweepId, ...body } });

describe("POST /comparisons", () => {
  it("compares groups by filter, paired on seed, with the margin of the plan", async () => {
    const answer = await compare({
      metrics: ["testAccuracy"],
      groups: [
        { name: "adam", filter: free("adam") },
        { name: "sgd", filter: free("sgd") },
      ],
    });
    expect(answer.status, answer.text).toBe(200);
    const { comparisons, groups, family, alpha } = comparisonAnswer.parse(answer.json);
    expect({ family, alpha }).toEqual({ family: 1, alpha: 0.05 });
    expect(groups.map(({ runIds }) => runIds.length)).toEqual([6, 6]);
    expect(comparisons[0]).toMatchObject({
      design: "paired-by-seed",
      n: [3, 3],
      planned: true,
      equivalence: { margin: 0.2, shown: true },
    });
    // Differences per seed: 0.03 − 0.3 × (0, 0.011, 0.024).
    expect(comparisons[0]?.difference).toBeCloseTo(0.0265, 12);
  });

  it("takes a sweep per group, and calls a metric outside the plan exploratory", async () => {
    const { comparisons } = comparisonAnswer.parse(
      (
        await compare({
          metrics: ["testAuc"],
          groups: [
            { name: "adam", filter: free("adam"), sweepId },
            { name: "sgd", filter: free("sgd") },
          ],
        })
      ).json,
    );
    expect(comparisons[0]?.planned).toBe(false);
    expect(comparisons[0]?.verdict.sentence).toMatch(/^Chosen after seeing results/);
  });

  it("names group and character of a broken filter, and the nearest to an unknown metric", async () => {
    const groups = [
      { name: "a", filter: "parms.optimizer = 'adam'" },
      { name: "b", filter: free("sgd") },
    ];
    const filter = problemOf(await compare({ metrics: ["testAccuracy"], groups }), 400, "invalid-request");
    expect(filter.errors?.[0]?.path).toBe("groups[0].filter");
    const metric = problemOf(
      await compare({ metrics: ["testAccurcy"], groups: groups.map(({ name }) => ({ name })) }),
      400,
      "invalid-request",
    );
    expect(metric.errors?.[0]).toMatchObject({
      path: "metrics[0]",
      suggestion: 'Did you mean "testAccuracy"?',
    });
  });

  it("refuses one group, and sweeps that do not exist", async () => {
    problemOf(await compare({ metrics: ["testAccuracy"], groups: [{ name: "a" }] }), 400, "invalid-request");
    const nowhere = "00000000-0000-4000-8000-000000000000";
    problemOf(
      await compare({
        sweepId: nowhere,
        metrics: ["testAccuracy"],
        groups: [{ name: "a" }, { name: "b" }],
      }),
      404,
      "not-found",
    );
  });
});
