import { describe, expect, it } from "vitest";
import { readPrinted } from "./printed.js";

describe("a printed number", () => {
  it.each([
    ["94.80", 94.8, 0.005],
    ["0.5", 0.5, 0.05],
    ["70", 70, 0.5],
    ["5.0e-4", 0.0005, 0.000005],
    ["−1.39", -1.39, 0.005],
    ["0.1042%", 0.1042, 0.00005],
    [".25", 0.25, 0.005],
  ])("%s is known to half a unit of its last decimal", (text, value, half) => {
    const printed = readPrinted(text);
    expect(printed?.value).toBe(value);
    expect(printed?.half).toBeCloseTo(half, 12);
  });

  it.each(["", "–", "All", "2/5", "1,5", "amp", "1.2.3", "e5", "."])("%j is none", (text) => {
    expect(readPrinted(text)).toBeNull();
  });
});
