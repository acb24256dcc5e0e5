import { decodeNumber, type WireNumber } from "@reprise/contracts";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import { type Design, relabelingOf, simulateStudies } from "./simulate.js";
import type { Effect } from "./worlds.js";

/** How often a test finds an effect: by permutation, as t or F of the papers, and in the family adjusted over both. */
export type PowerRow = Effect["tests"][number] & {
  effect: string;
  permutation: number;
  normalTheory: number;
  family: number;
};

const isSmall = (p: WireNumber | null | undefined) => p != null && decodeNumber(p) <= 0.05;

/** Simulates studies in which deterministic runs are other than free ones, at the level of 5 %. */
export function studyPower(effect: Effect, design: Design): PowerRow[] {
  const counts = effect.tests.map(() => ({ permutation: 0, normalTheory: 0 }));
  let family = 0;
  simulateStudies(effect, design, (input, _, study) => {
    const [row] = significanceAnalysis(input, relabelingOf(study)).pooled;
    if (isSmall(row?.shiftAdjustedP) || isSmall(row?.dispersionAdjustedP)) family += 1;
    effect.tests.forEach(({ test }, at) => {
      const count = counts[at];
      const normal = row?.normalTheory;
      if (count && isSmall(test === "shift" ? row?.shiftP : row?.dispersionP)) count.permutation += 1;
      if (count && isSmall(test === "shift" ? normal?.p : normal?.fP)) count.normalTheory += 1;
    });
  });
  return effect.tests.map((about, at) => ({
    ...about,
    effect: effect.name,
    permutation: (counts[at]?.permutation ?? 0) / design.studies,
    normalTheory: (counts[at]?.normalTheory ?? 0) / design.studies,
    family: family / design.studies,
  }));
}
