import { describe, expect, it } from "vitest";
import { namesIn, namesText } from "./name-list.js";

describe("names in an address", () => {
  it("come back as they were, commas and backslashes included", () => {
    for (const names of [[], ["a"], ["a", "b"], ["recall, macro", "a\\b", "准确率", "x\\,y"]]) {
      expect(namesIn(namesText(names))).toEqual(names);
    }
  });

  it("are plain where they hold neither, and empty ones are none", () => {
    expect(namesText(["metrics.testAccuracy", "seed"])).toBe("metrics.testAccuracy,seed");
    expect(namesIn(",a,,b,")).toEqual(["a", "b"]);
  });
});
