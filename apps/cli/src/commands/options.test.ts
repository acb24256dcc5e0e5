import { expect, test } from "vitest";
import { duration } from "./options.js";

test("a duration has a unit", () => {
  expect(["90s", "10m", "1.5h", "2d"].map(duration)).toEqual([90_000, 600_000, 5_400_000, 172_800_000]);
  for (const text of ["10", "m", "-1h", "10 m", "1w", "1constructor"])
    expect(() => duration(text)).toThrow("90s, 10m");
});
