import { readFileSync } from "node:fs";
import { statisticsList } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ApiUnderTest, problemOf, startTestApi } from "./api-harness.js";

const golden = z
  .object({
    cases: z
      .array(
        z.object({
          id: z.string(),
          test: z.string(),
          input: z.record(z.string(), z.unknown()),
          options: z.record(z.string(), z.unknown()).default({}),
          expected: z.record(z.string(), z.unknown()),
          rtol: z.number().default(1e-9),
        }),
      )
      .min(100),
  })
  .parse(JSON.parse(readFileSync(new URL("../golden/golden-open.json", import.meta.url), "utf8")));

/** One case has more values than a file should: it says how they are made. */
function withValues({ generator, n, ...input }: Record<string, unknown>): Record<string, unknown> {
  if (generator === undefined) return n === undefined ? input : { ...input, n };
  expect(generator).toBe("x_i = sin(i), i=1..n");
  return { ...input, x: Array.from({ length: Number(n) }, (_, index) => Math.sin(index + 1)) };
}

/** Where an answer departs from what is expected; numbers within `rtol`, near zero within 1e-12. */
function departures(actual: unknown, expected: unknown, rtol: number, path = ""): string[] {
  if (typeof expected === "number" && typeof actual === "number") {
    const close =
      expected === 0 || Math.abs(expected) < 1e-300
        ? Math.abs(actual - expected) <= 1e-12
        : Math.abs(actual - expected) <= rtol * Math.abs(expected);
    return close ? [] : [`${path}: ${actual} instead of ${expected}`];
  }
  if (Array.isArray(expected) && Array.isArray(actual) && actual.length === expected.length) {
    return expected.flatMap((item, index) => departures(actual[index], item, rtol, `${path}[${index}]`));
  }
  if (typeof expected === "object" && expected !== null && typeof actual === "object" && actual !== null) {
    return Object.entries(expected).flatMap(([key, item]) =>
      departures(Reflect.get(actual, key), item, rtol, `${path}.${key}`),
    );
  }
  return Object.is(actual, expected)
    ? []
    : [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
}

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe("statistics over HTTP", () => {
  it.each(golden.cases.map((golden) => [golden.id, golden] as const))("%s", async (_id, golden) => {
    const { input, options } = golden;
    const answer = await api.call("POST", `/statistics/${golden.test}`, {
      body: { input: withValues(input), options },
    });
    expect(answer.status, answer.text).toBe(200);
    expect(departures(answer.json, golden.expected, golden.rtol)).toEqual([]);
  });

  it("lists the names, and knows the nearest one", async () => {
    const { items } = await api.get("/statistics", statisticsList);
    expect(items).toEqual(expect.arrayContaining([...new Set(golden.cases.map(({ test }) => test))]));
    const answer = await api.call("POST", "/statistics/ttest_1sampl", { body: { input: {} } });
    expect(problemOf(answer, 404, "not-found").detail).toContain('"ttest_1samp"');
  });

  it("names the field of a bad input", async () => {
    const answer = await api.call("POST", "/statistics/ttest_1samp", {
      body: { input: { x: "many", mu: 0 } },
    });
    expect(problemOf(answer, 400, "invalid-request").errors?.[0]?.path).toMatch(/x/);
  });

  it("lists options that a test does not know", async () => {
    const body = { input: { x: [1, 2, 4], mu: 1 }, options: { alternativ: "less" } };
    const answer = await api.call("POST", "/statistics/ttest_1samp", { body });
    expect(answer.json).toMatchObject({ ignoredOptions: ["alternativ"] });
  });

  it("answers bootstraps of tables, and names every test in its own documentation", async () => {
    const tasks = [
      [0, 8],
      [2, 6],
    ];
    const calls = { stratified_bootstrap_iqm: { tasks }, runs_by_cases_bootstrap: { scores: tasks } };
    for (const [name, input] of Object.entries(calls)) {
      const options = { seed: 1, resamples: 500 };
      const answer = await api.call("POST", `/statistics/${name}`, { body: { input, options } });
      expect(answer.json, answer.text).toMatchObject({ estimate: 4, resamples: 500, ignoredOptions: [] });
    }
    const { items } = await api.get("/statistics", statisticsList);
    const { text } = await api.call("GET", "/api/v1/openapi.json");
    for (const name of [...items, ...Object.keys(calls)]) expect(text).toContain(`- \`${name}\`: `);
  });
});
