import fc from "fast-check";
import { expect, test } from "vitest";
import { orderSeries } from "./series-order.js";

const reportsOf = (points: readonly (readonly [step: number, value: number])[]) => ({
  steps: points.map(([step]) => step),
  values: points.map(([, value]) => value),
  wallTimes: points.map((_, index) => index),
});

test("reports that arrive against the order of their steps make the same series", () => {
  const backwards = orderSeries(
    reportsOf([
      [3, 0.9],
      [2, 0.5],
      [1, 0.1],
    ]),
  );
  expect(backwards.series).toMatchObject({ steps: [1, 2, 3], values: [0.1, 0.5, 0.9] });
  expect(backwards.superseded.steps).toEqual([]);
});

test("of a step that is reported again the later report counts, the earlier stays readable", () => {
  const { series, superseded } = orderSeries(
    reportsOf([
      [3, 0.3],
      [4, 0.4],
      [5, 0.5],
      [4, 0.41],
      [5, Number.NaN],
      [5, 0.52],
      [6, 0.6],
    ]),
  );
  expect(series).toEqual({ steps: [3, 4, 5, 6], values: [0.3, 0.41, 0.52, 0.6], wallTimes: [0, 3, 5, 6] });
  expect(superseded).toEqual({ steps: [4, 5, 5], values: [0.4, 0.5, Number.NaN], wallTimes: [1, 2, 4] });
});

test("for any reports: every step once, ascending, with its latest value; nothing is lost", () => {
  const report = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.oneof(fc.double(), fc.constant(Number.NaN)));
  fc.assert(
    fc.property(fc.array(report, { maxLength: 40 }), (points) => {
      const { series, superseded } = orderSeries(reportsOf(points));
      const latest = new Map(points);
      expect(series.steps).toEqual([...latest.keys()].sort((a, b) => a - b));
      expect(series.values).toEqual(series.steps.map((step) => latest.get(step)));
      expect([...series.wallTimes, ...superseded.wallTimes].sort((a, b) => a - b)).toEqual(
        points.map((_, index) => index),
      );
    }),
  );
});
