import { describe, expect, it } from "vitest";
import {
  aboutConfiguration,
  decimalsFor,
  degreesText,
  joinWords,
  metricFormat,
  planned,
  pText,
  soFar,
} from "./words.js";

describe("numbers in sentences", () => {
  it("shows two digits of the uncertainty", () => {
    expect([12, 1.2, 0.12, 0.012].map(decimalsFor)).toEqual([0, 1, 2, 3]);
    const words = metricFormat({ unit: "fraction" }, 0.0107);
    expect(words.level(0.9618421)).toBe("96.2 %");
    expect(words.difference(-0.0107)).toBe("−1.1 pp");
    expect(words.levels({ low: 0.944, high: 1 })).toBe("[94.4, 100.0] %");
    expect(words.differences({ low: -0.012, high: 0.0001 })).toBe("[−1.2, 0.0] pp");
    expect(words.chosen(0.01)).toBe("1 pp");
  });

  it("has no minus before zero and no rows of zeros", () => {
    expect(metricFormat({ unit: "nats" }, 0.1).difference(-0.0001)).toBe("0.00 nats");
    const tiny = metricFormat({ unit: "nats" }, 1.5e-7);
    expect(tiny.difference(-1.5e-7)).toBe("−1.5×10⁻⁷ nats");
    expect(tiny.level(0.25)).toBe("0.25000000 nats");
  });

  it("never rounds a p-value onto the other side of the level", () => {
    expect(pText(0.0312)).toBe("p = 0.031");
    expect(pText(0.00001)).toBe("p < 0.001");
    expect(pText(0.4321)).toBe("p = 0.43");
    expect(pText(0.04996)).toBe("p = 0.04996");
    expect(pText(0.9999)).toBe("p > 0.99");
    expect(pText(Number.NaN)).toBe("p undefined");
  });

  it("lowers the first word of a sentence of ours after a colon, and never that of a name", () => {
    expect(planned(false, "One-sample t-test: no.")).toBe(
      "Chosen after seeing results: one-sample t-test: no.",
    );
    expect(soFar("All 4 runs diverged.")).toBe("So far: all 4 runs diverged.");
    for (const name of ["A", "One-cycle", "No dropout"]) {
      const { sentence, about } = aboutConfiguration(name, "the mean shifts.", { isPlanned: false });
      expect(sentence).toBe(`Chosen after seeing results: ${name}: the mean shifts.`);
      expect(about?.statement).toBe("Chosen after seeing results: the mean shifts.");
      expect(soFar(`${name} against B: no difference.`, [name])).toBe(
        `So far: ${name} against B: no difference.`,
      );
    }
  });

  it("writes unbounded degrees of freedom as a sign", () => {
    expect([3, 12.34, Number.POSITIVE_INFINITY].map(degreesText)).toEqual(["3.0", "12.3", "∞"]);
  });

  it("joins words", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(joinWords)).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
  });
});
