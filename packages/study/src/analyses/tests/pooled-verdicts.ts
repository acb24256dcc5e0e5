import type { Verdict } from "@reprise/contracts";
import { armWords } from "../cells.js";
import {
  aboutConfiguration,
  afterColon,
  allOf,
  counted,
  joinWords,
  metricFormat,
  pText,
  wholePercent,
} from "../words.js";
import { assuranceWords, neededWords } from "./needed.js";
import { familyBasis, permutationWords, relabelingBasis, unreachableWords } from "./permutation-words.js";
import type { PooledTests } from "./pooled-tests.js";
import type { RowContext } from "./significance-verdicts.js";

function formats({ shift, normal, equivalence }: PooledTests, { metric }: RowContext) {
  const half = shift && Number.isFinite(shift.high - shift.low) ? (shift.high - shift.low) / 2 : Number.NaN;
  const other = equivalence ? (equivalence.high - equivalence.low) / 2 : (normal?.detectable ?? Number.NaN);
  return metricFormat(metric, Number.isNaN(half) ? other : half);
}

const repeatsOf = ({ seeds }: PooledTests) => [...new Set(seeds.map(({ sample }) => sample.values.length))];

/** "at these 5 seeds", "at seed 42" */
const atSeeds = ({ seeds }: PooledTests) =>
  seeds.length === 1 ? `at seed ${seeds[0]?.cell.group.seed}` : `at these ${seeds.length} seeds`;

function basisOf(tests: PooledTests, context: RowContext): string[] {
  const { permutation, normal, arm, seeds, divergedSeeds, machines } = tests;
  if (!permutation) return [];
  const { spec, settings, family, groups } = context;
  return [
    `Deterministic minus mean of ${armWords(spec, arm)}, averaged over ${counted(seeds.length, "seed")} with ${joinWords(repeatsOf(tests).map(String)).replace(" and ", " or ")} repeats each.`,
    relabelingBasis(permutation),
    familyBasis(settings, family, groups),
    ...(normal
      ? [
          `By normal theory, as in the papers, not corrected: t(${normal.df}) = ${normal.t.toFixed(2).replace("-", "−")}, ${pText(normal.p, settings.alpha)}; dispersion F(${normal.fDf[0]}, ${normal.fDf[1]}) = ${normal.f.toFixed(2)}, ${pText(normal.fP, settings.alpha)}.`,
          `Smallest shift that this design finds with 80 % power, if repeats are normal: ${metricFormat(context.metric, normal.detectable).difference(normal.detectable)}.`,
        ]
      : [
          "Repeats take so few distinct values that t and F are not meaningful; the permutation test needs no distribution.",
        ]),
    ...(machines === "same-only"
      ? ["Runs were on several machines: labels are permuted only between runs of one machine."]
      : machines === "apart"
        ? [
            "At some seed no repeat ran on the machine of the deterministic run: a difference between machines would appear as one between arms.",
          ]
        : []),
    ...(spec.order === "listed"
      ? [
          "The order of runs was not randomised: what changes with time (heat, load, a driver) would appear as a difference between arms.",
        ]
      : []),
    ...(divergedSeeds > 0
      ? [
          `${counted(divergedSeeds, "seed")} at which runs diverged ${divergedSeeds === 1 ? "is" : "are"} left out: the result holds only where training does not diverge.`,
        ]
      : []),
  ];
}

function degenerateVerdict(tests: PooledTests, { spec, metric }: RowContext): Verdict {
  const { configurationLabel, arm, seeds, divergedSeeds, reason, allEqual } = tests;
  const repeats = seeds.reduce((n, { sample }) => n + sample.values.length, 0);
  const who = repeats === 2 ? "both" : `all ${repeats}`;
  return {
    kind: "degenerate",
    tone: allEqual ? "good" : "neutral",
    ...(allEqual
      ? aboutConfiguration(
          configurationLabel,
          `${who} ${armWords(spec, arm)}${divergedSeeds > 0 ? ` of ${counted(seeds.length, "seed")} at which none diverged` : ""} have exactly the ${metric.label} of the deterministic run of their seed. There is no difference to test; weights and scores may still differ.`,
        )
      : aboutConfiguration(configurationLabel, `${armWords(spec, arm)}: ${afterColon(reason ?? "")}`, {
          joint: ", ",
        })),
    basis: [`${counted(seeds.length, "seed")} with a deterministic run and repeats.`],
  };
}

/** The verdict about the mean shift of one configuration and arm: detected, not detected, or nothing to test. */
export function shiftVerdict(tests: PooledTests, context: RowContext): Verdict {
  const { configurationLabel, arm, shift, permutation, seeds } = tests;
  const { spec, settings, isPlanned, metric, family, groups } = context;
  if (!shift || !permutation) return degenerateVerdict(tests, context);
  const words = formats(tests, context);
  const signed = `${shift.estimate > 0 ? "+" : ""}${words.bareDifference(shift.estimate)}`;
  const isBounded = Number.isFinite(shift.low) && Number.isFinite(shift.high);
  const amount = isBounded
    ? `${signed} ${words.differences(shift)}`
    : `${shift.estimate > 0 ? "+" : ""}${words.difference(shift.estimate)}`;
  const { adjustedP } = permutation.shift;
  const detected = adjustedP !== null && adjustedP <= settings.alpha;
  const newSeeds = shift.newSeeds
    ? ` The 95 % interval of the mean shift for new seeds is ${words.differences(shift.newSeeds)}.`
    : " Nothing is said about other seeds.";
  const unreachable = unreachableWords(permutation, {
    seeds: seeds.length,
    repeats: Math.min(...repeatsOf(tests)),
    alpha: settings.alpha,
    groups,
  });
  const against = `the mean of ${armWords(spec, arm)}`;
  return {
    kind: detected ? "pooled-shift" : "pooled-no-shift",
    tone: detected ? "attention" : "neutral",
    ...aboutConfiguration(
      configurationLabel,
      detected
        ? `${atSeeds(tests)}, deterministic runs differ from ${against} by ${amount} in ${metric.label} (${permutationWords(permutation.shift, settings, family)}), for this model, data and environment.${newSeeds}`
        : unreachable !== null
          ? `${atSeeds(tests)}, deterministic runs lie ${amount} from ${against} in ${metric.label}. ${unreachable}`
          : `${atSeeds(tests)}, no mean shift of deterministic runs against ${armWords(spec, arm)} is detected: ${amount} in ${metric.label} (${permutationWords(permutation.shift, settings, family)}). This is not evidence of equality.${newSeeds}`,
      { isPlanned },
    ),
    basis: basisOf(tests, context),
  };
}

/** Of the runs in the tests: how far two repeats of one seed lie apart at most, in the metric's unit. */
function widestRange({ seeds }: PooledTests): number {
  return Math.max(...seeds.map(({ sample }) => Math.max(...sample.values) - Math.min(...sample.values)));
}

/** "At each of 5 seeds the difference is within it, too", or at which it is not shown to be. */
function seedBySeed({ equivalence }: PooledTests): { all: boolean; words: string } {
  const seeds = equivalence?.seeds ?? [];
  const shown = seeds.filter((seed) => seed.shown).length;
  if (seeds.length < 2) return { all: true, words: "" };
  if (shown === seeds.length)
    return { all: true, words: ` Seed by seed this is shown at ${allOf(seeds.length)} seeds.` };
  const open = seeds.filter((seed) => !seed.shown).map(({ seed }) => String(seed));
  const named =
    open.length > 5
      ? `${open.length} of ${seeds.length} seeds`
      : `${open.length === 1 ? "seed" : "seeds"} ${joinWords(open)}`;
  return {
    all: false,
    words: ` Seed by seed it is not shown at ${named}: a mean can hide differences of opposite sign.`,
  };
}

/** Whether the shift is shown to lie within the margin of the plan; nothing without a margin. */
export function equivalenceVerdicts(
  tests: PooledTests,
  context: RowContext,
  churn: number | null,
): Verdict[] {
  const { equivalence, permutation, configurationLabel, arm, seedsNeeded } = tests;
  if (!equivalence || !permutation) return [];
  const { spec, settings, metric, isPlanned } = context;
  const { low, high, margin, df } = equivalence;
  // Digits enough to tell the nearer limit from the margin.
  const gap = Math.abs(margin - Math.max(Math.abs(low), Math.abs(high)));
  const words = metricFormat(metric, Math.min((high - low) / 2, gap > 0 ? gap : Number.POSITIVE_INFINITY));
  const marginWords = words.chosen(margin);
  const confidence = wholePercent(1 - 2 * settings.alpha);
  const interval = `${confidence} CI ${words.differences(equivalence)}, ${df} degrees of freedom`;
  const detected = (permutation.shift.adjustedP ?? 1) <= settings.alpha;
  const each = seedBySeed(tests);
  const basis = [
    `Two one-sided tests at ${settings.alpha}: equivalence is shown when the ${confidence} interval of the shift lies within ±${marginWords}; likewise for each seed, with its own spread.`,
    "Margin and contrast are fixed in the analysis plan, hashed before the first run. Not corrected for the number of configurations; normal theory.",
    ...basisOf(tests, context).slice(3),
  ];
  if (equivalence.shown) {
    const range = widestRange(tests);
    const flips =
      churn === null
        ? ""
        : `, and two runs of arm ${arm} disagree on ${(churn * 100).toFixed(1)} % of cases on average`;
    const apart = ` Single runs of one seed still differ by up to ${metricFormat(metric, range).difference(range)}${flips}.`;
    return [
      {
        kind: "equivalent",
        tone: each.all && !detected ? "good" : "neutral",
        ...aboutConfiguration(
          configurationLabel,
          detected
            ? `the shift between deterministic runs and ${armWords(spec, arm)} is statistically significant but smaller than the margin: ${atSeeds(tests)} its mean lies within ±${marginWords}, fixed beforehand (${interval}).${each.words}${apart}`
            : `${atSeeds(tests)}, the mean difference between deterministic runs and ${armWords(spec, arm)} lies within ±${marginWords}, fixed beforehand (${interval}).${each.words}${apart}`,
          { isPlanned },
        ),
        basis,
      },
    ];
  }
  if (detected) return [];
  const number = seedsNeeded && neededWords(seedsNeeded, "seed");
  const more =
    seedsNeeded === null
      ? ""
      : seedsNeeded.reason !== null
        ? ` ${seedsNeeded.reason}`
        : number === null
          ? " With this spread, no practical number of seeds would decide it."
          : ` To find a shift of that size with 80 % power, ${number} would be needed.`;
  return [
    {
      kind: "inconclusive",
      tone: "neutral",
      ...aboutConfiguration(
        configurationLabel,
        `${atSeeds(tests)}, neither a difference nor equivalence within ±${marginWords} is shown (${interval}).${more}`,
        { isPlanned },
      ),
      basis: [...basis, ...(seedsNeeded?.reason === null ? [assuranceWords] : [])],
    },
  ];
}

/** Said when deterministic runs scatter more around the means of their repeats than repeats themselves do. */
export function dispersionVerdicts(tests: PooledTests, context: RowContext): Verdict[] {
  const { permutation, configurationLabel, arm } = tests;
  const { settings, isPlanned, spec, family } = context;
  const dispersion = permutation?.dispersion;
  if (!dispersion || !((dispersion.adjustedP ?? 1) <= settings.alpha)) return [];
  return [
    {
      kind: "prediction-outside",
      tone: "attention",
      ...aboutConfiguration(
        configurationLabel,
        `${atSeeds(tests)}, deterministic runs lie farther from the means of ${armWords(spec, arm)} than repeats do (${permutationWords(dispersion, settings, family)}): they are not ordinary draws, whichever way they deviate.`,
        { isPlanned },
      ),
      basis: basisOf(tests, context).slice(1),
    },
  ];
}
