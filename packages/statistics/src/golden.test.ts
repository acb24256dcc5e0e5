import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { runStatisticalTest, statisticalTestNames } from "./registry/statistical-tests.js";

const goldenCase = z.object({
  id: z.string(),
  test: z.string(),
  input: z.record(z.string(), z.unknown()),
  options: z.record(z.string(), z.unknown()),
  expected: z.record(z.string(), z.unknown()),
  rtol: z.number(),
  source: z.string(),
});
const goldenFile = z.object({ _meta: z.object({ count: z.number() }), cases: z.array(goldenCase) });

function load(file: string) {
  const text = readFileSync(new URL(`../../../test/golden/${file}`, import.meta.url), "utf8");
  return goldenFile.parse(JSON.parse(text));
}

/** One case has more values than a file should: it says how they are made. */
function withValues({ generator, n, ...input }: Record<string, unknown>): Record<string, unknown> {
  if (generator === undefined) return n === undefined ? input : { ...input, n };
  expect(generator).toBe("x_i = sin(i), i=1..n");
  return { ...input, x: Array.from({ length: Number(n) }, (_, index) => Math.sin(index + 1)) };
}

/** The largest relative error over all numbers of a value; throws at the first mismatch. */
function compare(path: string, actual: unknown, expected: unknown, rtol: number): number {
  if (typeof expected === "number" && typeof actual === "number") {
    const absolute = Math.abs(actual - expected);
    if (absolute === 0) return 0;
    if (expected === 0 || Math.abs(expected) < 1e-300) {
      expect(absolute, `${path}: ${actual} against ${expected}`).toBeLessThanOrEqual(1e-12);
      return 0;
    }
    const relative = absolute / Math.abs(expected);
    expect(relative, `${path}: ${actual} against ${expected}`).toBeLessThanOrEqual(rtol);
    return relative;
  }
  if (Array.isArray(expected)) {
    expect(actual, path).toHaveLength(expected.length);
    const list = z.array(z.unknown()).parse(actual);
    return Math.max(0, ...expected.map((value, i) => compare(`${path}[${i}]`, list[i], value, rtol)));
  }
  if (typeof expected === "object" && expected !== null) {
    const record = z.record(z.string(), z.unknown()).parse(actual);
    const errors = Object.entries(expected).map(([key, value]) =>
      compare(`${path}.${key}`, record[key], value, rtol),
    );
    return Math.max(0, ...errors);
  }
  expect(actual, path).toEqual(expected);
  return 0;
}

for (const file of ["golden-open.json", "cross-checked.json", "clinical.json"]) {
  const { _meta, cases } = load(file);
  const tally = new Map<string, { passed: number; worst: number }>();

  describe(`golden cases of ${file}`, () => {
    it("are all there", () => {
      expect(cases).toHaveLength(_meta.count);
      expect(cases.length).toBeGreaterThan(0);
    });

    it.each(cases)("$id", ({ test, input, options, expected, rtol }) => {
      const answer = runStatisticalTest(test, { input: withValues(input), options });
      // Through JSON, as a client would see it.
      const received = JSON.parse(JSON.stringify(answer));
      const error = compare(test, received, expected, rtol);
      const before = tally.get(test) ?? { passed: 0, worst: 0 };
      tally.set(test, { passed: before.passed + 1, worst: Math.max(before.worst, error) });
    });

    afterAll(() => {
      const width = Math.max(...statisticalTestNames.map((name) => name.length));
      const lines = [...tally].map(
        ([name, { passed, worst }]) =>
          `${name.padEnd(width)} ${String(passed).padStart(3)} passed, worst relative error ${worst.toExponential(1)}`,
      );
      const total = [...tally.values()].reduce((sum, { passed }) => sum + passed, 0);
      console.log([`${file}: ${total} of ${cases.length} cases`, ...lines].join("\n"));
    });
  });
}

/** Tests that came after the golden file, and where they are held against independent figures. */
const checkedElsewhere: Record<string, string> = {
  variance_components_reml: "spread/reml.test.ts",
  almost_stochastic_order: "resampling/bootstrap.test.ts",
  stratified_bootstrap_iqm: "registry/resampling-tests.test.ts",
  runs_by_cases_bootstrap: "registry/resampling-tests.test.ts",
  anytime_ttest_1samp: "error-rates/sequential.test.ts",
  group_sequential_t: "error-rates/sequential.test.ts",
  group_sequential_z: "error-rates/sequential.test.ts",
  best_of_n: "ranks/outperformance.test.ts",
  probability_of_outperforming: "ranks/outperformance.test.ts",
};

it("every registered test has a golden case, or figures of its own to be held against", () => {
  const files = ["golden-open.json", "clinical.json"];
  const covered = new Set(files.flatMap((file) => load(file).cases.map((c) => c.test)));
  const others = statisticalTestNames.filter((name) => !covered.has(name));
  expect(others.toSorted()).toEqual(Object.keys(checkedElsewhere).toSorted());
  for (const file of Object.values(checkedElsewhere)) {
    expect(existsSync(new URL(file, import.meta.url)), file).toBe(true);
  }
  expect([...covered].filter((name) => !statisticalTestNames.includes(name))).toEqual([]);
});
