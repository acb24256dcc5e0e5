import type { CurveGroup } from "@reprise/contracts";
import { expect, it } from "vitest";
import { type BandKind, linesOf } from "./curve-lines.js";

/** Two points: four seeds, then two of them. */
const group: CurveGroup = {
  ...{ configurationKey: "a", configurationLabel: "a", arm: "free", countedIn: "epochs", stepsPerEpoch: 8 },
  ...{ steps: [1, 2], seconds: [1, 2], n: [8, 2], units: [4, 2], ends: [], membership: [], runs: [] },
  ...{ mean: [10, 20], low: [7, -50], high: [13, 90], sd: [4, 6], min: [5, 11], max: [16, 29] },
};

it.each<[BandKind, unknown]>([
  ["", { low: [7, null], high: [13, null] }],
  ["sd", { low: [6, 14], high: [14, 26] }],
  ["se", { low: [8, 20 - 6 / Math.SQRT2], high: [12, 20 + 6 / Math.SQRT2] }],
  ["range", { low: [5, 11], high: [16, 29] }],
])("draws the band %j by the figures of the group, none where there is none", (band, expected) => {
  const [mean] = linesOf([group], [], { x: "", log: "", smooth: "", band });
  expect(mean?.band).toEqual(expected);
  const [unknown] = linesOf([{ ...group, sd: [null, null], min: [null, null], low: [null, null] }], [], {
    ...{ x: "", log: "", smooth: "" },
    band,
  });
  expect(unknown?.band?.low).toEqual([null, null]);
});
