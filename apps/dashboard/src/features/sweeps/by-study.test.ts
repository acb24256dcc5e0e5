import { expect, it } from "vitest";
import { type ByStudyPreset, type ByStudySweep, byStudy } from "./by-study.js";

const presets: ByStudyPreset[] = [
  { title: "study", parts: ["study/a", "study/b"] },
  { title: "alone", parts: [] },
];
const named = (...names: (string | null)[]): ByStudySweep[] => names.map((preset) => ({ preset }));
const shape = (names: (string | null)[]) =>
  byStudy(named(...names), presets).map(({ study, sweeps }) => [study?.title ?? null, sweeps.length]);

it("keeps neighbours of one study together, each part once", () => {
  expect(shape(["study/b", "study/a", "alone", null])).toEqual([
    ["study", 2],
    [null, 1],
    [null, 1],
  ]);
  // Launched twice, and the second time in part.
  expect(shape(["study/a", "study/b", "study/a"])).toEqual([
    ["study", 2],
    [null, 1],
  ]);
  expect(shape(["study/a", null, "study/b"])).toEqual([
    [null, 1],
    [null, 1],
    [null, 1],
  ]);
});
