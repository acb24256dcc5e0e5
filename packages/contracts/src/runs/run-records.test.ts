import { describe, expect, it } from "vitest";
import { metricSeries } from "./run-records.js";

describe("a series of a metric", () => {
  const series = { steps: [1, 2], values: [0.5, "NaN"], wallTimes: [1, 2] };

  it("has as many values and times as steps", () => {
    expect(metricSeries.safeParse(series).success).toBe(true);
    expect(metricSeries.safeParse({ ...series, wallTimes: [1] }).success).toBe(false);
    expect(metricSeries.safeParse({ ...series, values: [0.5] }).success).toBe(false);
  });

  it("has no step that the database does not hold", () => {
    expect(metricSeries.safeParse({ ...series, steps: [1, 2 ** 31] }).success).toBe(false);
  });
});
