import { describe, expect, it } from "vitest";
import { chanceLevel, lossBeside, metricFacts } from "./metric-facts.js";
import { type MetricInfo, metricInfo } from "./metric-info.js";

const nll: MetricInfo = {
  key: "valNll",
  label: "validation negative log-likelihood",
  direction: "minimize",
  unit: "nats",
  split: "validation",
};
const hits: MetricInfo = {
  key: "valTopFive",
  label: "top five",
  direction: "maximize",
  unit: "fraction",
  split: "validation",
  chance: 0.05,
};

describe("metricFacts", () => {
  it("takes chance and loss from the announcement, whatever the name says", () => {
    const announced: MetricInfo[] = [
      hits,
      { ...hits, key: "testAuc", chance: null, loss: true },
      { ...hits, key: "meanRecall", chance: "1/classes" },
      { ...hits, key: "hearingLoss", unit: "dB" },
    ];
    const levels = announced.map(({ key }) => chanceLevel(metricFacts(key, announced), 4));
    expect(levels).toEqual([0.05, null, 0.25, 0.05]);
    expect(announced.map(({ key }) => metricFacts(key, announced).loss)).toEqual([false, true, false, false]);
  });

  it("treats a metric to minimize as a loss where its trainer does not say, by no name", () => {
    expect(metricFacts("valNll", [nll])).toMatchObject({ loss: true, unit: "nats", direction: "minimize" });
    expect(metricFacts("valNll", [{ ...nll, loss: false }]).loss).toBe(false);
    expect(metricFacts("errorRate", [{ ...nll, key: "errorRate", unit: "fraction" }])).toMatchObject({
      loss: false,
      counts: "cases",
    });
  });

  it("guesses from the name what former trainers leave out and what nobody announced", () => {
    const { key, label, direction, unit, split } = metricFacts("testBalancedAccuracy", []);
    expect({ key, label, direction, unit, split }).toEqual({
      key: "testBalancedAccuracy",
      label: "test balanced accuracy",
      direction: "maximize",
      unit: "fraction",
      split: "test",
    });
    const former: MetricInfo = { ...hits, key: "testSensitivity", chance: undefined };
    expect(metricFacts("testSensitivity", [former])).toMatchObject({ binaryOnly: true, counts: "oneClass" });
    expect(metricFacts("testAuc", [{ ...former, key: "testAuc" }])).toMatchObject({
      chance: 0.5,
      counts: null,
    });
    expect(metricFacts("valNll", [])).toMatchObject({
      label: "val nll",
      direction: null,
      unit: "",
      loss: false,
    });
    expect(chanceLevel(metricFacts("testBalancedAccuracy", []), undefined)).toBeNull();
  });

  it("reads announcements of former trainers", () => {
    expect(metricInfo.parse(nll)).toEqual(nll);
    expect(metricInfo.safeParse({ ...nll, chance: "half" }).success).toBe(false);
  });
});

describe("lossBeside", () => {
  it("is the announced loss of the same part, else the one that the name suggests", () => {
    expect(lossBeside("valTopFive", [{ ...nll, key: "testNll", split: "test" }, nll, hits])).toBe("valNll");
    expect(lossBeside("valNll", [nll, hits])).toBeNull();
    expect(lossBeside("valTopFive", [hits])).toBeNull();
    expect(lossBeside("testAccuracy", [])).toBe("testLoss");
    expect(lossBeside("perplexity", [])).toBeNull();
  });
});
