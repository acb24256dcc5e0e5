import type { AgreementAnalysis, AgreementGroup, Verdict } from "@reprise/contracts";
import { adjustPValues, mcnemar, predictionAgreement } from "@reprise/statistics";
import { type Cell, cellsOf, known, nameOf } from "./cells.js";
import { figuresOf, type RunFigures } from "./classification-runs.js";
import { pendingVerdicts, provisional } from "./general-verdicts.js";
import {
  type AnalysisInput,
  type MetricWords,
  provenanceOf,
  questionNotes,
  runNotes,
  sortRuns,
} from "./input.js";
import { column, tableOf } from "./table.js";
import { counted, wholePercent } from "./words.js";

const disagreement: MetricWords = {
  key: "disagreement",
  label: "share of test cases decided differently",
  unit: "fraction",
  direction: null,
};

const mostCases = 200;
/** What is called in place of a class where the scores of a case are no numbers. */
const undecided = "undecided";

/** `withMcnemar`: McNemar's test of every pair of runs, Holm over all of them. */
export type AgreementInput = AnalysisInput & { withMcnemar?: boolean };

type Decided = RunFigures & {
  predictions: NonNullable<RunFigures["predictions"]>;
  byId: Map<string, number>;
};

/** Runs with predictions of the same cases as the first of them. */
function comparable(figures: readonly RunFigures[]): { runs: Decided[]; left: number } {
  const decided = figures.flatMap((figure): Decided[] => {
    const { predictions, decided: classes } = figure;
    if (!predictions || !classes) return [];
    return [
      { ...figure, predictions, byId: new Map(predictions.ids.map((id, i) => [id, classes[i] ?? -1])) },
    ];
  });
  const ids = decided[0]?.predictions.ids ?? [];
  const runs = decided.filter(({ byId }) => byId.size === ids.length && ids.every((id) => byId.has(id)));
  return { runs, left: figures.length - runs.length };
}

/** Share of cases on which runs a and b disagree. */
function shareOf(a: readonly number[], b: readonly number[]): number {
  return predictionAgreement([a, b]).meanChurn;
}

function armsOf(runs: readonly Decided[], columns: readonly number[][]): AgreementGroup["arms"] {
  return [...new Set(runs.map(({ run }) => run.arm))].flatMap((arm) => {
    const own = columns.filter((_, i) => runs[i]?.run.arm === arm);
    if (own.length < 2) return [];
    const agreement = predictionAgreement(own);
    return [
      {
        arm,
        n: own.length,
        meanDisagreement: known(agreement.meanChurn),
        maxDisagreement: known(1 - agreement.minPairwiseAgreement),
        unanimousFraction: known(agreement.unanimousFraction),
        fleissKappa: known(agreement.fleissKappa),
        reason: agreement.reason ?? null,
      },
    ];
  });
}

type Pair = NonNullable<AgreementGroup["mcnemar"]>[number];

function pairOf(runs: readonly Decided[], columns: readonly number[][], i: number, j: number): Pair {
  const labels = runs[0]?.predictions.labels ?? [];
  const right = (run: number, at: number) => columns[run]?.[at] === labels[at];
  const count = (a: boolean, b: boolean) =>
    labels.filter((_, at) => right(i, at) === a && right(j, at) === b).length;
  const [onlyARight, onlyBRight] = [count(true, false), count(false, true)];
  const { exactP } = mcnemar([
    [count(true, true), onlyARight],
    [onlyBRight, count(false, false)],
  ]);
  return {
    runA: runs[i]?.run.id ?? "",
    runB: runs[j]?.run.id ?? "",
    onlyARight,
    onlyBRight,
    p: known(exactP),
    adjustedP: null,
  };
}

function groupOf(cell: Cell, input: AgreementInput): { group: AgreementGroup | null; left: number } {
  const fixed = cell.deterministic?.runs.slice(0, 1) ?? [];
  const all = [...fixed, ...cell.others.flatMap(({ runs }) => runs)];
  const { runs, left } = comparable(all.map((run) => figuresOf(run, input.predictions?.get(run.id))));
  const described = runs[0]?.predictions;
  if (!described || runs.length < 2) return { group: null, left: all.length };
  const { ids, labels, classes } = described;
  const columns = runs.map(({ byId }) => ids.map((id) => byId.get(id) ?? -1));
  const nameOfClass = (index: number | undefined) => classes[index ?? -1] ?? undecided;
  const flipped = ids.flatMap((caseId, at) => {
    const votes = columns.map((own) => own[at]);
    if (new Set(votes).size === 1) return [];
    const decisions: Record<string, number> = {};
    for (const vote of votes) {
      const name = nameOfClass(vote);
      decisions[name] = (decisions[name] ?? 0) + 1;
    }
    return [{ caseId, trueClass: nameOfClass(labels[at]), decisions }];
  });
  const majority = ({ decisions }: (typeof flipped)[number]) => Math.max(...Object.values(decisions));
  const pairs = input.withMcnemar
    ? runs.flatMap((_, i) => runs.slice(i + 1).map((__, k) => pairOf(runs, columns, i, i + 1 + k)))
    : null;
  return {
    left,
    group: {
      group: cell.group,
      classes,
      testCases: ids.length,
      runs: runs.map(({ run: { id, arm, repeat } }) => ({ runId: id, arm, repeat })),
      disagreement: columns.map((a) => columns.map((b) => (a === b ? 0 : shareOf(a, b)))),
      arms: armsOf(runs, columns),
      flippedCases: flipped.length,
      cases: flipped.toSorted((a, b) => majority(a) - majority(b)).slice(0, mostCases),
      mcnemar: pairs,
    },
  };
}

function withAdjustedP(groups: readonly AgreementGroup[]): { groups: AgreementGroup[]; family: number } {
  const all = groups.flatMap(({ mcnemar: pairs }) => pairs ?? []);
  const { adjusted } = adjustPValues(all.map(({ p }) => (typeof p === "number" ? p : Number.NaN)));
  const byPair = new Map(all.map((pair, i) => [pair, known(adjusted[i])]));
  return {
    family: all.length,
    groups: groups.map((group) => ({
      ...group,
      mcnemar: group.mcnemar?.map((pair) => ({ ...pair, adjustedP: byPair.get(pair) ?? null })) ?? null,
    })),
  };
}

function verdictOf({ group, runs, testCases, flippedCases, arms, classes }: AgreementGroup): Verdict {
  const largest = arms.flatMap(({ arm, meanDisagreement, maxDisagreement, fleissKappa }) =>
    typeof meanDisagreement === "number" && typeof maxDisagreement === "number"
      ? [
          `${arm}: two runs disagree on ${(meanDisagreement * 100).toFixed(1)}% of cases on average, at most on ${(maxDisagreement * 100).toFixed(1)}%${typeof fleissKappa === "number" ? `; Fleiss κ ${fleissKappa.toFixed(3)}` : ""}`,
        ]
      : [],
  );
  return {
    kind: "spread",
    tone: flippedCases > 0 ? "attention" : "neutral",
    sentence:
      flippedCases === 0
        ? `${nameOf(group)}: ${counted(runs.length, "run")} decide all ${testCases} test cases alike.`
        : `${nameOf(group)}: ${flippedCases} of ${testCases} test cases (${wholePercent(flippedCases / testCases)}) are decided differently by at least one of ${runs.length} runs.`,
    basis: [
      ...largest.map((line) => `${line}.`),
      `Classes: ${classes.join(", ")}. κ corrects for chance and falls as one class dominates.`,
      "The number of cases that ever flip grows with the number of runs; the mean disagreement of two runs does not.",
    ],
  };
}

type Line = { group: AgreementGroup; a: number; b: number };

/**
 * Do runs that are equal on paper decide alike for every patient? Per configuration and seed: the share of test cases on which
 * two runs disagree, Fleiss' κ, the cases that flip with their classes, and McNemar's test of pairs where asked. Of the
 * deterministic arm one run stands for its copies.
 */
export function agreementAnalysis(input: AgreementInput): AgreementAnalysis {
  const sorted = sortRuns(input.runs, null);
  const found = cellsOf(input.sweep.spec, sorted.used, disagreement.key).map((cell) => groupOf(cell, input));
  const { groups, family } = withAdjustedP(found.flatMap(({ group }) => group ?? []));
  const left = found.reduce((total, cell) => total + cell.left, 0);
  const notes = [...runNotes({ sorted, metric: disagreement }), ...questionNotes(input.predictions)];
  if (left > 0)
    notes.push(
      `${counted(left, "run")} left out: without stored test predictions of the same cases, or alone in a configuration and seed.`,
    );
  if (input.withMcnemar)
    notes.push(
      "McNemar's test compares two trained models on these cases. It does not see that training again would give others, so it cannot say that one way of training is better.",
    );
  if (groups.some(({ flippedCases }) => flippedCases > mostCases))
    notes.push(`Of the cases that flip, the ${mostCases} most divided are listed.`);
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
    verdicts: [...pendingVerdicts(sorted), ...provisional(groups.map(verdictOf), sorted)],
    notes,
    table: tableOf<Line>(
      "Disagreement between runs, case by case",
      [
        column(
          "configuration",
          "Configuration",
          null,
          "What varies between configurations",
          ({ group }) => group.group.configurationLabel,
        ),
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
