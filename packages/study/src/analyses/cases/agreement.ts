import { type AgreementAnalysis, type AgreementGroup, referenceArm, type Verdict } from "@reprise/contracts";
import { cellsOf, nameOf } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import { provenanceOf, questionNotes, runNotes, sortRuns } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { counted, wholePercent } from "../words.js";
import { type AgreementInput, groupOf, maxCases, withAdjustedP } from "./agreement-groups.js";

const disagreement: MetricWords = {
  key: "disagreement",
  label: "share of test cases decided differently",
  unit: "fraction",
  direction: null,
};

/** "7 runs (1 det, 6 free)": whose decisions are counted. */
function whoDecided(runs: AgreementGroup["runs"]): string {
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  const parts = arms.map((arm) => `${runs.filter((run) => run.arm === arm).length} ${arm}`);
  return `${counted(runs.length, "run")} (${arms.length === 1 ? `arm ${arms[0]}` : parts.join(", ")})`;
}

function verdictOf(
  { group, runs, testCases, flippedCases, arms, classes }: AgreementGroup,
  reference?: string,
): Verdict {
  const largest = arms.flatMap(({ arm, meanDisagreement, maxDisagreement, fleissKappa }) =>
    typeof meanDisagreement === "number" && typeof maxDisagreement === "number"
      ? [
          `${arm}: two runs disagree on ${(meanDisagreement * 100).toFixed(1)} % of cases on average, and on at most ${(maxDisagreement * 100).toFixed(1)} %${typeof fleissKappa === "number" ? `; Fleiss κ ${fleissKappa.toFixed(3)}` : ""}`,
        ]
      : [],
  );
  return {
    kind: "spread",
    tone: flippedCases > 0 ? "attention" : "neutral",
    sentence:
      flippedCases === 0
        ? `${nameOf(group)}: ${whoDecided(runs)} classify all ${testCases} test cases identically.`
        : `${nameOf(group)}: ${flippedCases} of ${testCases} test cases (${wholePercent(flippedCases / testCases)}) are not classified identically by all of ${whoDecided(runs)}.`,
    basis: [
      ...largest.map((line) => `${line}.`),
      ...(runs.some(({ arm }) => arm === reference) ? [`Of arm ${reference} only one run is counted.`] : []),
      `Classes: ${classes.join(", ")}. κ corrects for chance and falls as one class dominates.`,
      "The number of cases that ever flip grows with the number of runs; the mean disagreement of two runs does not.",
    ],
  };
}

type Line = { group: AgreementGroup; a: number; b: number };

/**
 * Do runs that are equal on paper classify every patient identically? Per configuration and seed: the share of test cases on which
 * two runs disagree, Fleiss' κ, the cases that flip with their classes, and McNemar's test of pairs where asked. Of the
 * deterministic arm one run stands for its copies.
 */
export function agreementAnalysis(input: AgreementInput): AgreementAnalysis {
  const sorted = sortRuns(input.runs, null, "apart");
  const found = cellsOf(input.sweep.spec, sorted.used, disagreement.key).map((cell) => groupOf(cell, input));
  const { groups, family } = withAdjustedP(found.flatMap(({ group }) => group ?? []));
  const left = found.reduce((total, cell) => total + cell.left, 0);
  const notes = [...runNotes({ sorted, metric: disagreement }), ...questionNotes(input.predictions)];
  if (left > 0)
    notes.push(
      `${counted(left, "run")} left out: no stored test predictions of the same cases, or no other run of the same configuration and seed.`,
    );
  if (input.withMcnemar)
    notes.push(
      "McNemar's exact test compares two trained models on these cases; where patients are known, it exchanges the models patient by patient. It ignores how much models differ from training to training, so it cannot say that one way of training is better.",
    );
  if (groups.some(({ flippedCases }) => flippedCases > maxCases))
    notes.push(`Of the cases that flip, the ${maxCases} on which runs disagree most are listed.`);
  const lines = groups.flatMap((group) =>
    group.runs.flatMap((_, a) => group.runs.slice(a + 1).map((__, k): Line => ({ group, a, b: a + 1 + k }))),
  );
  const pairOfLine = ({ group, a, b }: Line) =>
    group.mcnemar?.find(({ runA, runB }) => runA === group.runs[a]?.runId && runB === group.runs[b]?.runId);
  // As everywhere that a run is named to a reader: the first repeat is 1.
  const runName = ({ group }: Line, at: number) =>
    `${group.runs[at]?.arm} ${(group.runs[at]?.repeat ?? 0) + 1}`;
  return {
    analysis: "agreement",
    provenance: provenanceOf(input, disagreement, sorted, {
      planned: false,
      method:
        "Share of test cases with different decisions per pair of runs of one configuration and seed, at the declared threshold and selected epoch; Fleiss' kappa within an arm.",
      correction:
        family > 0
          ? `Holm over ${counted(family, "exact McNemar test")}, exploratory.`
          : "Descriptive: no test is made.",
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(
        groups.map((group) => verdictOf(group, referenceArm(input.sweep.spec)?.name)),
        sorted,
      ),
    ],
    notes,
    table: tableOf<Line>(
      "Disagreement between runs, case by case",
      [
        configurationColumn(({ group }) => group.group.configurationLabel),
        column("seed", "Seed", null, "Seed of all random draws", ({ group }) => group.group.seed),
        column("runA", "Run A", null, "Arm and repeat", (line) => runName(line, line.a)),
        column("runB", "Run B", null, "Arm and repeat", (line) => runName(line, line.b)),
        column("testCases", "Cases", null, "Test cases", ({ group }) => group.testCases),
        column(
          "disagreement",
          "Disagreement",
          "fraction",
          "Share of test cases that the two runs decide differently",
          ({ group, a, b }) => group.disagreement[a]?.[b] ?? null,
        ),
        ...(input.withMcnemar
          ? [
              column<Line>(
                "onlyARight",
                "Only A right",
                null,
                "Cases that only run A decides rightly",
                (line) => pairOfLine(line)?.onlyARight ?? null,
              ),
              column<Line>(
                "onlyBRight",
                "Only B right",
                null,
                "Cases that only run B decides rightly",
                (line) => pairOfLine(line)?.onlyBRight ?? null,
              ),
              column<Line>("p", "p (McNemar)", null, "Exact p-value", (line) => pairOfLine(line)?.p ?? null),
              column<Line>(
                "adjustedP",
                "adj. p",
                null,
                "Holm over all pairs of the analysis",
                (line) => pairOfLine(line)?.adjustedP ?? null,
              ),
            ]
          : []),
      ],
      lines,
    ),
    groups,
  };
}
