import type { Verdict } from "@reprise/contracts";
import { armWords } from "../cells.js";
import { aboutConfiguration, counted, metricFormat, pText, wholePercent } from "../words.js";
import type { PooledTests } from "./pooled-tests.js";
import { adjustedWords, type RowContext } from "./significance-verdicts.js";

function formats({ shift }: PooledTests, { metric }: RowContext) {
  return metricFormat(metric, shift ? (shift.high - shift.low) / 2 : Number.NaN);
}

function basisOf(tests: PooledTests, context: RowContext): string[] {
  const { shift, dispersion, seeds, arm, divergedSeeds } = tests;
  if (!shift || !dispersion) return [];
  const { spec, settings } = context;
  const repeats = [...new Set(seeds.map(({ sample }) => sample.values.length))];
  const { f, df, p, adjustedP } = dispersion;
  const scatter =
    adjustedP <= settings.alpha
      ? "deterministic runs scatter more around the means of their repeats than repeats do"
      : "nothing shows that deterministic runs scatter differently from repeats";
  return [
    `Deterministic minus mean of ${armWords(spec, arm)}, averaged over ${counted(seeds.length, "seed")} with ${repeats.join(" or ")} repeats each; spread pooled within seeds; ${adjustedWords(shift.p, shift.adjustedP, context)}.`,
    `Dispersion: F(${df[0]}, ${df[1]}) = ${f.toFixed(2)}, ${adjustedWords(p, adjustedP, context)}: ${scatter}.`,
    `Smallest shift that this design finds with 80% power: ${metricFormat(context.metric, shift.detectable).difference(shift.detectable)}.`,
    shift.newSeeds
      ? `Holds for these seeds. For new seeds, from one difference per seed: ${formats(tests, context).differences(shift.newSeeds)}, ${pText(shift.newSeeds.p, settings.alpha)}.`
      : "Holds for this seed only.",
    ...(divergedSeeds > 0
      ? [
          `${counted(divergedSeeds, "seed")} at which runs diverged ${divergedSeeds === 1 ? "is" : "are"} left out: this holds where training does not diverge.`,
        ]
      : []),
    "Assumes independent, roughly normal repeats with one spread at all seeds.",
  ];
}

/** The verdict about the mean shift of one configuration and arm: detected, not detected, or nothing to test. */
export function shiftVerdict(tests: PooledTests, context: RowContext): Verdict {
  const { configurationLabel, arm, shift, seeds, divergedSeeds, reason, allEqual } = tests;
  const { spec, settings, isPlanned, metric } = context;
  if (!shift || reason !== null) {
    const repeats = seeds.reduce((n, { sample }) => n + sample.values.length, 0);
    return {
      kind: "degenerate",
      tone: allEqual ? "good" : "neutral",
      ...(allEqual
        ? aboutConfiguration(
            configurationLabel,
            `all ${repeats} ${armWords(spec, arm)}${divergedSeeds > 0 ? ` of ${counted(seeds.length, "seed")} at which none diverged` : ""} have exactly the ${metric.label} of the deterministic run of their seed. Nothing is left to test, and weights or scores may differ all the same.`,
          )
        : aboutConfiguration(configurationLabel, `${armWords(spec, arm)}: ${reason ?? ""}`, { joint: ", " })),
      basis: [`${counted(seeds.length, "seed")} with a deterministic run and repeats.`],
    };
  }
  const words = formats(tests, context);
  const amount = `${shift.estimate > 0 ? "+" : ""}${words.bareDifference(shift.estimate)} ${words.differences(shift)}`;
  const over = counted(seeds.length, "seed");
  const detected = shift.adjustedP <= settings.alpha;
  return {
    kind: detected ? "pooled-shift" : "pooled-no-shift",
    tone: detected ? "attention" : "neutral",
    ...aboutConfiguration(
      configurationLabel,
      detected
        ? `deterministic runs differ from the mean of ${armWords(spec, arm)} by ${amount} in ${metric.label}, over ${over} (${adjustedWords(shift.p, shift.adjustedP, context)}), for this model, data and environment.`
        : `no mean shift of deterministic runs against ${armWords(spec, arm)} detected over ${over}: ${amount} in ${metric.label}. This is not evidence of equality.`,
      { isPlanned },
    ),
    basis: basisOf(tests, context),
  };
}

/** Of the runs in the tests: how far two repeats of one seed lie apart at most, in the metric's unit. */
function widestRange({ seeds }: PooledTests): number {
  return Math.max(...seeds.map(({ sample }) => Math.max(...sample.values) - Math.min(...sample.values)));
}

/** Whether the shift is shown to lie within the margin of the plan; nothing without a margin. */
export function equivalenceVerdicts(
  tests: PooledTests,
  context: RowContext,
  churn: number | null,
): Verdict[] {
  const { equivalence, shift, configurationLabel, arm, seedsNeeded, seeds } = tests;
  if (!equivalence || !shift) return [];
  const { spec, settings, metric, isPlanned } = context;
  const words = formats(tests, context);
  const marginWords = words.chosen(equivalence.margin);
  const confidence = wholePercent(1 - 2 * settings.alpha);
  const interval = `${confidence} CI ${words.differences(equivalence)}`;
  const basis = [
    `Two one-sided tests at ${settings.alpha}: equivalence is shown when the ${confidence} interval of the shift lies within ±${marginWords}.`,
    "The margin stands in the analysis plan, hashed before the first run. Not corrected for the number of configurations.",
    ...basisOf(tests, context).slice(2),
  ];
  if (equivalence.shown) {
    const range = widestRange(tests);
    const flips = churn === null ? "" : `, and ${(churn * 100).toFixed(1)}% of cases flip between two runs`;
    return [
      {
        kind: "equivalent",
        tone: "good",
        ...aboutConfiguration(
          configurationLabel,
          `the mean difference between deterministic runs and ${armWords(spec, arm)} lies within ±${marginWords}, fixed beforehand (${interval}). Single runs of one seed still differ by up to ${metricFormat(metric, range).difference(range)}${flips}.`,
          { isPlanned },
        ),
        basis,
      },
    ];
  }
  if (shift.adjustedP <= settings.alpha) return [];
  const more =
    seedsNeeded === null
      ? ""
      : seedsNeeded === Number.POSITIVE_INFINITY
        ? " With this spread, no practical number of seeds would decide it."
        : ` About ${counted(seedsNeeded, "more seed")} would give 80% power to find a shift of that size.`;
  return [
    {
      kind: "inconclusive",
      tone: "neutral",
      ...aboutConfiguration(
        configurationLabel,
        `neither a difference nor equivalence within ±${marginWords} is shown (${interval}, ${counted(seeds.length, "seed")}).${more}`,
        { isPlanned },
      ),
      basis,
    },
  ];
}

/** Said when deterministic runs scatter more around the means of their repeats than repeats themselves do. */
export function dispersionVerdicts(tests: PooledTests, context: RowContext): Verdict[] {
  const { dispersion, configurationLabel, arm, seeds } = tests;
  const { settings, isPlanned, spec } = context;
  if (!dispersion || seeds.length < 2 || !(dispersion.adjustedP <= settings.alpha)) return [];
  const { f, df, p } = dispersion;
  return [
    {
      kind: "prediction-outside",
      tone: "attention",
      ...aboutConfiguration(
        configurationLabel,
        `over ${counted(seeds.length, "seed")}, deterministic runs lie farther from the means of ${armWords(spec, arm)} than repeats do (F(${df[0]}, ${df[1]}) = ${f.toFixed(1)}, ${pText(p, settings.alpha)}): they are not ordinary draws, whichever way they deviate.`,
        { isPlanned },
      ),
      basis: basisOf(tests, context).slice(1),
    },
  ];
}
