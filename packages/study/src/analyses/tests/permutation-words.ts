import { type ExchangeGroup, type ExchangeTest, relabelingSeed, repeatsToReach } from "@reprise/statistics";
import { correctionNames, counted, pText } from "../words.js";
import type { TestSettings } from "./significance-tests.js";

const whole = (count: number) =>
  count < 1e6 ? count.toLocaleString("en-US") : count.toExponential(1).replace("e+", "e");

/** "permutation within seeds, p = 0.031, adjusted p = 0.048 over 4 tests" */
export function permutationWords(
  { p, adjustedP }: ExchangeTest,
  { alpha, correction }: TestSettings,
  family: number,
): string {
  const own = `permutation within seeds, ${pText(p, alpha)}`;
  if (adjustedP === null || family < 2) return own;
  if (correction === "none") return `${own}, not corrected`;
  return `${own}, ${pText(adjustedP, alpha).replace("p", "adjusted p")} over ${family} tests`;
}

/** How the p-value came about: what was relabeled, how often, and what it assumes. */
export function relabelingBasis({ relabelings, exact, draws, shift }: ExchangeGroup): string {
  const how = exact
    ? `all ${whole(relabelings)} relabelings within seeds`
    : `${whole(draws)} of ${whole(relabelings)} relabelings within seeds, drawn with seed ${relabelingSeed} (standard error of p ${shift.standardError.toFixed(4)})`;
  return `Permutation test over ${how}: exact for any distribution if the deterministic run is exchangeable with the other executions of its seed.`;
}

/** What belongs to the family, and how it is adjusted. */
export function familyBasis({ correction }: TestSettings, family: number, configurations: number): string {
  if (family === 0) return "No test could be made.";
  const members = `${counted(family, "test")} over ${counted(configurations, "configuration-and-arm pair")}: mean shift, dispersion, and those single seeds whose repeats are numerous enough`;
  if (family === 1) return `One test: ${members.replace(/^1 test over /, "")}.`;
  const adjusted =
    correction === "none"
      ? "not corrected, as the plan says"
      : correction === "bh"
        ? `${correctionNames.bh} over their permutation p-values`
        : "adjusted together by step-down max-T (Westfall and Young)";
  return `One family of ${members}; ${adjusted}.`;
}

/** Why no claim is possible with so few relabelings, and what would allow one; null where one is. */
export function unreachableWords(
  { shift, relabelings }: ExchangeGroup,
  { seeds, repeats, alpha, groups }: { seeds: number; repeats: number; alpha: number; groups: number },
): string | null {
  if (shift.adjustedP !== null) return null;
  const level = alpha / groups;
  const more = repeatsToReach(seeds, level);
  const others = Math.ceil(Math.log(1 / level) / Math.log(repeats + 1) - 1e-9);
  const way = [
    ...(more > repeats ? [`${more} repeats ${seeds === 1 ? "of this seed" : "per seed"}`] : []),
    ...(others > seeds ? [`${others} seeds of ${repeats} repeats`] : []),
  ].join(" or ");
  const among = groups > 1 ? ` among ${groups} comparisons` : "";
  const could = way === "" ? "" : ` ${way} would allow a claim.`;
  return `With ${counted(seeds, "seed")} and ${counted(repeats, "repeat")} there are ${counted(relabelings, "relabeling")}, so no p-value can fall below ${shift.smallestP.toFixed(3)}, which is not small enough for a claim${among}: a difference could not have been shown.${could}`;
}
