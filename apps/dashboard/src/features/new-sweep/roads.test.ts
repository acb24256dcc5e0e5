import { describe, expect, it } from "vitest";
import { type Announced, blankSpec, draftOf } from "./draft.js";
import { alongRoad, comparesConfigurations, isOnRoad, roads } from "./roads.js";
import { readSpec, writeSpec } from "./yaml-spec.js";

const announced: Announced = { hyperparameters: {}, metrics: [], datasets: [] };
const placebo = { name: "placebo", execution: { order: "permuted" }, repeats: 5 };
const starts = {
  blank: blankSpec,
  "arms of its own, no plan": { name: "x", dataset: "wdbc", seeds: [7], arms: [placebo] },
};

describe.each(roads)("$question", (road) => {
  it.each(Object.entries(starts))("has a design that can be read, from %s", (_name, start) => {
    const text = writeSpec(start);
    const draft = draftOf(readSpec(text).value);
    expect(isOnRoad(road, draft)).toBe(false);
    const { spec, value, problems } = readSpec(alongRoad(text, road, draft, announced));
    expect(problems).toEqual([]);
    expect(spec?.arms).toBeUndefined();
    expect(spec?.seeds).toHaveLength(road.seeds);
    expect(spec?.seeds[0]).toBe(draft.seeds[0]);
    expect(spec?.analysisPlan?.primaryMetric).toBe("testAccuracy");
    expect(isOnRoad(road, draftOf(value))).toBe(true);
    expect(roads.filter((other) => isOnRoad(other, draftOf(value)))).toEqual([road]);
  });
});

describe("configurations to compare", () => {
  it.each([
    [{ search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } } }, true],
    [{ search: { method: "grid", parameters: { optimizer: ["adam"] } } }, false],
    [{ search: { method: "list", configurations: [{ label: "A" }] } }, false],
    [{}, false],
  ])("%j: %s", (spec, are) => {
    expect(comparesConfigurations(draftOf(spec))).toBe(are);
  });
});
