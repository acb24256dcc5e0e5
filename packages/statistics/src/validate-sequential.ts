/**
 * Simulates studies that stop when they know, under every rule that a study can be planned with: false claims in null worlds,
 * power and seeds used elsewhere. Writes docs/sequential.md and fails where a rule leaves its limits in a world it is valid in.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { RANDOM_ALGORITHM } from "./numerics/random.js";
import {
  fixedSeeds,
  type SequentialOutcome,
  type StoppingRule,
  simulateSequentialStudies,
  stoppingRules,
  worlds,
} from "./validation/sequential-studies.js";

const firstSeed = 20_261_129;
/** 5 % and two and a half standard errors of 10,000 studies. */
const limit = 0.0555;
const effects = [0.66, 1, 1.5, 2, 3];
const page = new URL("../../../docs/sequential.md", import.meta.url);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;

/** Looked at without correction, as a reader does who follows a study. */
const isMisuse = (rule: StoppingRule) => rule.name.startsWith("t-test after each");
/** No t-test holds its level there, the fixed one included. */
const isBeyond = (world: string) => world.startsWith("differences themselves");

type NullRow = { world: string; rule: StoppingRule; difference: number; equivalence: number; ok: boolean };

function nullRows(rules: readonly StoppingRule[], studies: number): NullRow[] {
  return worlds.flatMap((world, index) => {
    const at = (effect: number, stream: number) =>
      simulateSequentialStudies(rules, {
        world,
        effect,
        margin: 1,
        studies,
        seed: firstSeed + 10 * index + stream,
      });
    const [same, above, below] = [at(0, 0), at(1, 1), at(-1, 2)];
    return rules.map((rule, i) => {
      const difference = same[i]?.difference ?? Number.NaN;
      const equivalence = Math.max(above[i]?.equivalence ?? Number.NaN, below[i]?.equivalence ?? Number.NaN);
      const judged = !isMisuse(rule) && !isBeyond(world.name);
      return {
        world: world.name,
        rule,
        difference,
        equivalence,
        ok: !judged || Math.max(difference, equivalence) <= limit,
      };
    });
  });
}

function powerRows(rules: readonly StoppingRule[], studies: number): string[] {
  const [world] = worlds;
  if (!world) return [];
  return effects.flatMap((effect, index) => {
    const outcomes: SequentialOutcome[] = simulateSequentialStudies(rules, {
      world,
      effect,
      margin: 1,
      studies,
      seed: firstSeed + 100 + index,
    });
    return rules.flatMap((rule, i) => {
      const outcome = outcomes[i];
      if (!outcome || isMisuse(rule)) return [];
      const { difference, meanSeeds } = outcome;
      const fixed = difference < 0.999 ? fixedSeeds(difference, effect).toFixed(1) : "–";
      return [row([effect, rule.name, percent(difference), meanSeeds.toFixed(1), fixed])];
    });
  });
}

const { values } = parseArgs({ options: { simulations: { type: "string", default: "10000" } } });
const studies = Number(values.simulations);
if (!Number.isInteger(studies) || studies < 100) {
  throw new Error(`--simulations: ${values.simulations} is not a whole number of at least 100`);
}
const rules = stoppingRules();
const nulls = nullRows(rules, studies);
const text = `# Do sequential studies hold their error?

Written by \`npx pnpm validate\`, ${studies} simulated studies a row (${RANDOM_ALGORITHM}, seeds from ${firstSeed}; standard error at 5 %: ${(100 * Math.sqrt((0.05 * 0.95) / studies)).toFixed(2)} points). The
figures follow from the seeds alone.

A study has at most 20 seeds. After each seed, or at the looks named, the mean of the paired differences is tested at α = 0.05 over
all looks together. The bounds are those of \`packages/statistics/src/error-rates\`: the anytime-valid t (an e-value with the right Haar prior on the
SD and a normal prior with variance 4 on the effect size), and bounds of t by Lan–DeMets spending that are exact for normal
differences of unknown variance.

## How to plan one

\`\`\`yaml
analysisPlan: { primaryMetric: testAccuracy, contrasts: [configuration], margin: { testAccuracy: 0.01 } }
design:
  method: sequential
  maxSeeds: 20
  looks: each            # or [5, 10, 20]
  settle: [difference, equivalence]
  bounds: anytime        # or obrien-fleming, pocock; these by default where looks are listed
\`\`\`

The seeds listed under \`seeds\` come first, then the smallest whole numbers. A look is taken when all runs of a block have ended; a seed
at which a side failed, diverged or was excluded is counted and left out, never replaced. Every look and the end are recorded when they
happen. Several questions share the error (Bonferroni). Between planned looks nothing can be claimed by spending bounds; anytime-valid
ones hold at every seed. Seeds are the observations; repeats of a seed are averaged.

## Nothing to find

"False difference": the true mean is 0 and the study claims a difference at some look. "False equivalence": the true mean lies on the margin, one SD
from 0, and the study claims that it lies within; the worse of both sides.

| differences of seeds | rule | false difference | false equivalence | ok |
|---|---|---:|---:|---|
${nulls
  .map(({ world, rule, difference, equivalence, ok }) =>
    row([
      world,
      rule.name,
      percent(difference),
      percent(equivalence),
      isMisuse(rule) || isBeyond(world) ? "–" : ok ? "yes" : "**no**",
    ]),
  )
  .join("\n")}

A reader who looks at a plain t-test after each seed finds a difference that is not there in every fourth to fifth study. All planned
rules stay within half a point of 5 %, most of them below, where the difference of two seeds is distributed symmetrically, as it is
whenever both arms have one distribution. Where the differences themselves are strongly skewed no t-test of 20 seeds holds 5 %, the fixed one included, and those
that may stop early are worse: look at the points before you believe an early stop. Equivalence is claimed of the mean, and its error
under skew is larger still.

## Something to find

Normal differences; the effect is in SDs of the differences. "Fixed, same power": seeds of one planned t-test that finds this effect as often,
where that is less than always.

| effect | rule | power | mean seeds | fixed, same power |
|---:|---|---:|---:|---:|
${powerRows(rules, studies).join("\n")}

The anytime-valid rule pays for the freedom to stop at any look, and to go on past 20 seeds, with power at small effects: there a fixed
design of the same power is cheaper. Planned looks of the O'Brien–Fleming type keep nearly all power of the fixed design and
stop earlier where the effect is large.
`;
writeFileSync(page, text);
console.log(text);
process.exitCode = nulls.every(({ ok }) => ok) ? 0 : 1;
