import type { Contradiction, SweepSpec, Verdict } from "@reprise/contracts";
import { adjustPValues, brownForsythe, standardDeviation } from "@reprise/statistics";
import { seedWords, whyNotExecutionAlone } from "../../claims/study-claims.js";
import { isReported } from "../../evidence/digest-source.js";
import {
  areIdentical,
  armWords,
  type Cell,
  degeneracy,
  distinctDigests,
  isContradicted,
  type Sample,
} from "../cells.js";
import { divergedAmong } from "../diverged.js";
import { type AnalysisInput, isPlanned } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { aboutConfiguration, allOf, joinWords, metricFormat, planned, pText } from "../words.js";

type SeedSample = { seed: number; label: string; sample: Sample; reference: number | null };

/** Samples of two or more runs by configuration and arm, one per seed. */
function byConfigurationAndArm(cells: readonly Cell[]): SeedSample[][] {
  const groups = new Map<string, SeedSample[]>();
  for (const { group, deterministic, others } of cells) {
    for (const sample of others.filter(({ values }) => values.length > 1)) {
      const key = JSON.stringify([group.configurationKey, sample.arm]);
      const entry = {
        seed: group.seed,
        label: group.configurationLabel,
        sample,
        reference: deterministic?.values[0] ?? null,
      };
      groups.set(key, [...(groups.get(key) ?? []), entry]);
    }
  }
  return [...groups.values()];
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const range = (values: readonly number[]) => Math.max(...values) - Math.min(...values);

/** Whether runs that were executed alike ended with the same weights, as far as they have digests that nothing contradicts. */
function weightsSentence(samples: readonly Sample[], contradictions: readonly Contradiction[]): string {
  const runs = samples.flatMap((sample) => sample.runs);
  const without = runs.filter(({ digest }) => digest === null).length;
  if (without === runs.length || samples.some((sample) => isContradicted(sample, contradictions))) return "";
  const weights = isReported(runs) ? "digests of final weights that the program reports" : "final weights";
  if (without > 0)
    return ` ${without} of these ${runs.length} runs have no digest, so it is not known whether their ${isReported(runs) ? "weights" : weights} are equal.`;
  const digests = distinctDigests(runs);
  const which = `${allOf(runs.length)} executions${samples.length > 1 ? ` over ${samples.length} seeds` : ""}`;
  if (digests === runs.length) return ` ${capital(weights)} differ between ${which}.`;
  // Different seeds have different weights in any case.
  if (samples.every(({ runs: own }) => areIdentical(own)))
    return ` ${capital(weights)} are equal ${samples.length > 1 ? "within each seed" : `between ${which}`}.`;
  return isReported(runs)
    ? ` The program reports ${digests} different digests of final weights among ${which}.`
    : ` There are ${digests} different ${weights} among ${which}.`;
}

/** How far repeats of one training lie apart, per configuration and arm: a description, not a test. */
export function spreadVerdicts(
  cells: readonly Cell[],
  spec: SweepSpec,
  metric: MetricWords,
  contradictions: readonly Contradiction[],
): Verdict[] {
  return byConfigurationAndArm(cells).flatMap((entries): Verdict[] => {
    const finite = entries.filter(({ sample }) => sample.values.every(Number.isFinite));
    const widest = finite.toSorted((a, b) => range(b.sample.values) - range(a.sample.values))[0];
    if (!widest) return [];
    const { values, arm } = widest.sample;
    const runs = entries.flatMap(({ sample }) => sample.runs);
    const arms = armWords(spec, arm);
    const seed = seedWords(runs);
    const open = whyNotExecutionAlone(runs);
    const weights = weightsSentence(
      entries.map(({ sample }) => sample),
      contradictions,
    );
    const sd = standardDeviation(values);
    const words = metricFormat(metric, sd);
    if (sd === 0) {
      return [
        {
          kind: "spread",
          tone: "neutral",
          ...aboutConfiguration(
            widest.label,
            `${runs.length} ${arms} gave the same ${metric.label} at ${entries.length === 1 ? `${seed} ${widest.seed}` : `each of ${entries.length} ${seed}s`}.${weights}`,
          ),
          basis: [
            `n = ${entries.map(({ sample }) => sample.values.length).join(", ")} per seed.`,
            "The same value does not mean the same model: predictions and scores may still differ.",
          ],
        },
      ];
    }
    const testable = degeneracy(values, metric.label) === null;
    const distance =
      widest.reference === null
        ? []
        : [
            `Largest distance of one of these runs from the deterministic run at this seed: ${words.difference(Math.max(...values.map((v) => Math.abs(v - (widest.reference ?? v)))))}.`,
          ];
    return [
      {
        kind: "spread",
        tone: "attention",
        ...aboutConfiguration(
          widest.label,
          `${values.length} ${arms} at ${seed} ${widest.seed} ended between ${words.bareLevel(Math.min(...values))} and ${words.level(Math.max(...values))} ${metric.label}, ${words.difference(range(values))} apart (SD ${words.difference(sd)}${entries.length > 1 ? `; the widest spread of ${entries.length} seeds` : ""}).${weights}`,
        ),
        basis: [
          ...(open === null ? [] : [`${capital(open)}.`]),
          ...distance,
          testable
            ? "The range grows with the number of repeats."
            : "Few distinct values: SD and range say little beyond the values themselves.",
          ...(entries.length > 1
            ? [
                "This seed was chosen because its spread is the widest; the other seeds scatter less (see the table). An interval would be invalid for a seed chosen by its result; the typical difference over all seeds has one (Spread by source).",
              ]
            : []),
        ],
      },
    ];
  });
}

/** Brown–Forsythe between configurations, seed by seed (repeats of different seeds are not pooled), Holm over the seeds. */
export function moreVariableVerdicts(
  cells: readonly Cell[],
  input: AnalysisInput,
  metric: MetricWords,
): { family: number; verdicts: Verdict[] } {
  const alpha = input.sweep.spec.analysisPlan?.alpha ?? 0.05;
  const samples = byConfigurationAndArm(cells).flat();
  const keys = new Set(samples.map(({ seed, sample }) => JSON.stringify([sample.arm, seed])));
  const tests = [...keys].flatMap((key) => {
    const members = samples.filter(({ seed, sample }) => JSON.stringify([sample.arm, seed]) === key);
    const [first] = members;
    const enough = members.filter(
      ({ sample }) =>
        sample.values.length > 2 && sample.values.every(Number.isFinite) && divergedAmong(sample.runs) === 0,
    );
    // All samples constant, or hardly any distinct value anywhere: no spread to compare.
    const informative = enough.some(({ sample }) => degeneracy(sample.values, metric.label) === null);
    if (!first || enough.length < 2 || !informative) return [];
    const { pvalue, df, reason } = brownForsythe(enough.map(({ sample }) => sample.values));
    return reason === undefined ? [{ seed: first.seed, members: enough, pvalue, df }] : [];
  });
  const { adjusted } = adjustPValues(
    tests.map(({ pvalue }) => pvalue),
    { method: "holm", alpha },
  );
  const isInPlan = isPlanned(input, metric.key, "configuration");
  const verdicts = tests.flatMap(({ seed, members, df }, index): Verdict[] => {
    const p = adjusted[index] ?? Number.NaN;
    if (!(p < alpha)) return [];
    const sds = members.map(({ label, sample }) => ({ label, sd: standardDeviation(sample.values) }));
    const words = metricFormat(metric, Math.max(...sds.map(({ sd }) => sd)));
    const shown = sds.toSorted((a, b) => b.sd - a.sd).slice(0, 4);
    const n = joinWords(members.map(({ sample }) => String(sample.values.length)));
    return [
      {
        kind: "more-variable",
        tone: "attention",
        sentence: planned(
          isInPlan,
          `Spread differs between configurations at ${seedWords(members.flatMap(({ sample }) => sample.runs))} ${seed}: SD ${joinWords(shown.map(({ label, sd }) => `${words.difference(sd)} (${label})`))} (Brown–Forsythe${tests.length > 1 ? ", adjusted" : ""} ${pText(p, alpha)}, n = ${n}).`,
        ),
        basis: [
          `F with ${df[0]} and ${df[1]} degrees of freedom on distances from the median; Holm over ${tests.length} ${tests.length === 1 ? "test" : "tests"} (one per arm and seed).`,
          "It compares repeats within one seed; how much seeds differ is another question.",
        ],
      },
    ];
  });
  return { family: tests.length, verdicts };
}
