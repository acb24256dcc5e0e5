import { clipped } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import {
  decimalsFor,
  metricDifference,
  metricValue,
  percent,
  pValue,
  share,
  shortLabel,
  significant,
  unbroken,
  uncertaintiesByRow,
} from "./numbers.js";
import { duration, relative, roughly } from "./time.js";

describe("numbers as the reader sees them", () => {
  it("lets decimals follow the uncertainty", () => {
    expect([0.0123, 0.12, 1.2, 12, 0, null].map(decimalsFor)).toEqual([3, 2, 1, 0, null, null]);
    expect(metricValue(0.95823, "fraction", 0.0107)).toBe("95.8\u202f%");
    expect(metricValue(0.14237, "nats", 0.0021)).toBe("0.1424 nats");
  });

  it("rounds all figures of a column alike: by the most certain, at most one decimal beyond the least, unless their own is finer", () => {
    const all = (spreads: number[]) => {
      const uncertainties = uncertaintiesByRow(spreads, "fraction");
      return [0.95614, 0.9].map((value, row) => metricValue(value, "fraction", uncertainties[row]));
    };
    expect(all([0.014, 0.0073])).toEqual(["95.61\u202f%", "90.00\u202f%"]);
    expect(all([0.014, 0.011])).toEqual(["95.6\u202f%", "90.0\u202f%"]);
    // One unstable row does not wipe out the digits of the others.
    expect(all([0.14, 0.0000073])).toEqual(["95.6\u202f%", "90.000\u202f%"]);
    const losses = uncertaintiesByRow([0.0001, 30, 0.0001], "");
    expect([0.14231, 41.7, 0.14312].map((value, row) => metricValue(value, "", losses[row]))).toEqual([
      "0.14231",
      "41.7",
      "0.14312",
    ]);
    expect(
      metricDifference(0.0141, "fraction", { uncertainty: uncertaintiesByRow([0.014], "fraction")[0] }),
    ).toBe("1.4 pp");
    expect(uncertaintiesByRow([null, 0], "fraction")).toEqual([null, null]);
  });

  it("writes percentage points, true minus signs and no minus before zero", () => {
    expect(metricDifference(-0.00424, "fraction")).toBe("−0.42 pp");
    expect(metricDifference(0.00424, "fraction", { signed: true })).toBe("+0.42 pp");
    expect(metricDifference(-0.0000001, "fraction")).toBe("0.00 pp");
    expect(percent(-1.5)).toBe("−1.50\u202f%");
  });

  it("never hides what is not finite or not there", () => {
    expect(metricValue("NaN", "fraction")).toBe("NaN");
    expect(metricValue("-Infinity", "")).toBe("−∞");
    expect(metricValue(null, "fraction")).toBe("–");
    expect(pValue("NaN")).toBe("p undefined");
  });

  it("keeps a number with its unit and a p with its value in one line", () => {
    expect(unbroken("95 % of [1, 2] pp (p = 0.94, adjusted p > 0.99; SD 2 pp)")).toBe(
      "95\u202f% of [1,\u00a02]\u00a0pp (p\u00a0=\u00a00.94, adjusted p\u00a0>\u00a00.99; SD 2\u00a0pp)",
    );
  });

  it("writes p to the precision that it deserves", () => {
    expect([0.0314, 0.0009, 0.5].map(pValue)).toEqual(["p = 0.031", "p < 0.001", "p = 0.50"]);
    expect(share(0.512)).toBe("51\u202f%");
  });

  it("keeps significant digits without needless exponents", () => {
    expect([0.012345, 12.345, 1234.5, 0, 1.2e-7].map((value) => significant(value))).toEqual([
      "0.0123",
      "12.3",
      "1235",
      "0",
      "1.20e−7",
    ]);
  });
});

describe("times", () => {
  it("is humane", () => {
    expect([840, 3200, 59_999, 192_000, 7_500_000, 360_000_000].map(duration)).toEqual([
      "840 ms",
      "3.2 s",
      "1 min",
      "3 min 12 s",
      "2 h 5 min",
      "4 d 4 h",
    ]);
    expect(roughly(3_000)).toBe("a few seconds");
    expect(roughly(42_000)).toBe("about 40 s");
  });

  it("is relative to now", () => {
    const now = Date.parse("2026-03-01T12:00:00Z");
    expect(relative("2026-03-01T11:57:00Z", now)).toBe("3 minutes ago");
    expect(relative("2025-03-01T11:57:00Z", now)).toBe("2025-03-01");
  });
});

describe("a metric's label on axes and in menus", () => {
  it("leaves explanations of announced metrics out, and nothing of a name", () => {
    expect(shortLabel("test loss (mean negative log-likelihood)", "testLoss")).toBe("test loss");
    expect(shortLabel("recall (TPR)", "recall (TPR)")).toBe("recall (TPR)");
  });

  it("leaves the middle of long ones out", () => {
    expect(shortLabel("准确率", "准确率")).toBe("准确率");
    const long = `${"a".repeat(100)}${"b".repeat(100)}`;
    expect(shortLabel(long, long)).toBe(`${"a".repeat(39)}…${"b".repeat(20)}`);
    expect(clipped("abcdef", 6)).toBe("abcdef");
    expect([...clipped("abcdefg", 6)]).toHaveLength(6);
  });
});
