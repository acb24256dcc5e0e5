import fc from "fast-check";
import { expect, test } from "vitest";
import { extendSummary, type Points, type Summary, withFinal } from "./metric-summaries.js";

const value = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5),
);
const direction = fc.constantFrom("maximize" as const, "minimize" as const, null);

/** The definition, written down a second time: over the whole series, without keeping anything up. */
function summaryOf(points: Points, best: "maximize" | "minimize" | null): Summary | null {
  const pairs = points.values.map((item, index) => ({ value: item, step: points.steps[index] ?? -1 }));
  const numbers = pairs.filter((pair) => !Number.isNaN(pair.value));
  const first = pairs.at(0);
  const last = pairs.at(-1);
  if (!first || !last) return null;
  const extreme = (sign: 1 | -1) =>
    numbers.find((pair) => numbers.every((other) => sign * pair.value <= sign * other.value));
  const min = extreme(1);
  const max = extreme(-1);
  const broken = pairs.find((pair) => !Number.isFinite(pair.value));
  const finiteEnd = pairs.findLastIndex((pair) => Number.isFinite(pair.value));
  const chosen = best === "maximize" ? max : best === "minimize" ? min : undefined;
  return {
    count: pairs.length,
    first: first.value,
    last: last.value,
    lastStep: last.step,
    superseded: 0,
    final: null,
    min: min?.value ?? null,
    minStep: min?.step ?? null,
    max: max?.value ?? null,
    maxStep: max?.step ?? null,
    best: chosen?.value ?? null,
    bestStep: chosen?.step ?? null,
    direction: best,
    nonFiniteStep: broken?.step ?? null,
    nonFiniteValue: broken?.value ?? null,
    nonFiniteSince: pairs[finiteEnd + 1]?.step ?? null,
  };
}

test("a summary kept up batch by batch equals one made of the whole series, NaN and infinities included", () => {
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 8 }), { maxLength: 8 }), direction, (batches, best) => {
      const values = batches.flat();
      const steps = values.map((_, index) => index * 3);
      let summary: Summary | null = null;
      let start = 0;
      for (const batch of batches) {
        const points = { values: batch, steps: steps.slice(start, start + batch.length) };
        summary = extendSummary(summary, points, best);
        start += batch.length;
      }
      expect(summary).toEqual(summaryOf({ values, steps }, best));
    }),
  );
});

test("among equal values the earliest step is the best", () => {
  const summary = extendSummary(null, { steps: [1, 2, 3], values: [0.5, 0.9, 0.9] }, "maximize");
  expect(summary).toMatchObject({ best: 0.9, bestStep: 2, min: 0.5, minStep: 1 });
});

test("a series of nothing but NaN has no extremes and no best", () => {
  const nan = Number.NaN;
  const summary = extendSummary(null, { steps: [0, 1], values: [nan, nan] }, "minimize");
  expect(summary).toMatchObject({
    count: 2,
    first: nan,
    last: nan,
    min: null,
    max: null,
    best: null,
    bestStep: null,
  });
});

test("a metric without a direction has no best value", () => {
  expect(extendSummary(null, { steps: [0], values: [1] }, null)).toMatchObject({
    best: null,
    bestStep: null,
  });
});

test("a final value stands for a metric without a series, and beside a series leaves it alone", () => {
  const alone = withFinal(null, 0.9, "maximize");
  expect(alone).toMatchObject({ count: 0, first: 0.9, last: 0.9, final: 0.9, best: 0.9, bestStep: null });
  expect(withFinal(null, Number.NaN, "maximize")).toMatchObject({ last: Number.NaN, max: null, best: null });
  const series = extendSummary(null, { steps: [1, 2], values: [0.7, 0.8] }, "maximize");
  expect(withFinal(series, 0.9, null)).toEqual({ ...series, final: 0.9 });
  expect(extendSummary(alone, { steps: [1], values: [0.5] }, null)).toMatchObject({
    ...{ count: 1, first: 0.5, last: 0.5, max: 0.5, best: 0.5, bestStep: 1, final: 0.9 },
  });
});

test("the first value that is not finite is known by its step, and whether finite ones follow", () => {
  const [nan, infinite] = [Number.NaN, Number.POSITIVE_INFINITY];
  const gone = extendSummary(null, { steps: [1, 2, 3], values: [1, infinite, nan] }, null);
  expect(gone).toMatchObject({ nonFiniteStep: 2, nonFiniteValue: infinite, nonFiniteSince: 2 });
  const back = extendSummary(gone, { steps: [4, 5, 6], values: [1, nan, nan] }, null);
  expect(back).toMatchObject({ nonFiniteStep: 2, nonFiniteValue: infinite, nonFiniteSince: 5 });
  const sound = extendSummary(null, { steps: [1], values: [1] }, null);
  expect(withFinal(sound, nan, null)).toMatchObject({ nonFiniteStep: null, nonFiniteValue: nan });
  expect(withFinal(back, 1, null)).toMatchObject({ nonFiniteStep: 2, nonFiniteValue: infinite });
  expect(withFinal(withFinal(sound, nan, null), 2, null)).toMatchObject({ nonFiniteValue: null });
});
