import { describe, expect, it } from "vitest";
import { filterOfGroup, joinFilters } from "./filter-text.js";

describe("the filter of a group", () => {
  it("names every value as the filter language writes it", () => {
    expect(filterOfGroup({ "params.optimizer": "adam", "params.learningRate": 0.01, arm: "free" })).toBe(
      "params.optimizer = 'adam' and params.learningRate = 0.01 and arm = 'free'",
    );
    expect(filterOfGroup({ "params.hiddenUnits": [64, 64], "params.my rate": true })).toBe(
      "params.hiddenUnits = '[64, 64]' and params.`my rate` = true",
    );
    expect(filterOfGroup({ workerName: "it's mine" })).toBe("workerName = 'it''s mine'");
  });

  it("asks for what is missing, and is empty for everything", () => {
    expect(filterOfGroup({ "params.momentum": null, diverged: true })).toBe(
      "params.momentum is null and diverged = true",
    );
    expect(filterOfGroup({ "params.a.`b`": "x" })).toBe("params.`a.``b``` = 'x'");
    expect(filterOfGroup({})).toBe("");
    expect(joinFilters("seed = 1", " ", "arm = 'free'")).toBe("seed = 1 and arm = 'free'");
  });
});
