import type { AgreementGroup } from "@reprise/contracts";
import { adjustPValues, clusteredMcNemar, predictionAgreement } from "@reprise/statistics";
import { type Cell, known } from "../cells.js";
import type { AnalysisInput } from "../input.js";
import { type Grouping, groupingOf } from "./case-groups.js";
import { decisionsOn, figuresOf, type RunFigures } from "./classification-runs.js";

/** Cases that flip are listed up to so many. */
export const maxCases = 200;
/** What is called in place of a class where the scores of a case are no numbers. */
const undecided = "undecided";

/** `withMcnemar`: McNemar's test of every pair of runs, Holm over all of them. */
export type AgreementInput = AnalysisInput & { withMcnemar?: boolean };

type Decided = RunFigures & {
  predictions: NonNullable<RunFigures["predictions"]>;
  /** Predicted classes in the order of cases of the first run. */
  column: readonly number[];
};

/** Runs with predictions of the same cases as the first of them. */
function comparable(figures: readonly RunFigures[]): { runs: Decided[]; left: number } {
  const ids = figures.find(({ predictions, decided }) => predictions && decided)?.predictions?.ids ?? [];
  const isClear = new Set(ids).size === ids.length;
  const runs = figures.flatMap((figure): Decided[] => {
    const { predictions } = figure;
    const column = isClear ? decisionsOn(ids, figure) : null;
    return predictions && column ? [{ ...figure, predictions, column }] : [];
  });
  return { runs, left: figures.length - runs.length };
}

/** Share of cases on which two runs disagree, for all pairs of them. */
function disagreementOf(columns: readonly (readonly number[])[]): AgreementGroup["disagreement"] {
  const shares = columns.map(() => new Array<number>(columns.length).fill(0));
  for (const [i, a] of columns.entries()) {
    for (let j = 0; j < i; j += 1) {
      const b = columns[j] ?? [];
      const share = 1 - a.reduce((same, own, at) => (own === b[at] ? same + 1 : same), 0) / a.length;
      (shares[i] ?? [])[j] = share;
      (shares[j] ?? [])[i] = share;
    }
  }
  return shares;
}

function armsOf(runs: readonly Decided[], columns: readonly (readonly number[])[]): AgreementGroup["arms"] {
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

function pairOf(
  runs: readonly Decided[],
  columns: readonly (readonly number[])[],
  [i, j]: [number, number],
  grouping: Grouping | null,
): Pair {
  const labels = runs[0]?.predictions.labels ?? [];
  const rightOf = (run: number) => labels.map((label, at) => (columns[run]?.[at] === label ? 1 : 0));
  // Where every case stands alone this is McNemar's exact test.
  const names = grouping?.of ?? labels.map((_, at) => at);
  const { onlyA: onlyARight, onlyB: onlyBRight, exactP } = clusteredMcNemar(rightOf(i), rightOf(j), names);
  return {
    runA: runs[i]?.run.id ?? "",
    runB: runs[j]?.run.id ?? "",
    onlyARight,
    onlyBRight,
    p: known(exactP),
    adjustedP: null,
  };
}

/** One configuration and seed; `left`: runs that cannot be compared. */
export function groupOf(cell: Cell, input: AgreementInput): { group: AgreementGroup | null; left: number } {
  const fixed = cell.deterministic?.runs.slice(0, 1) ?? [];
  const all = [...fixed, ...cell.others.flatMap(({ runs }) => runs)];
  const { runs, left } = comparable(all.map((run) => figuresOf(run, input.predictions?.get(run.id))));
  const described = runs[0]?.predictions;
  if (!described || runs.length < 2) return { group: null, left: all.length };
  const { ids, labels, classes } = described;
  const columns = runs.map(({ column }) => column);
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
  const grouping = groupingOf(input.sweep.spec, described);
  const pairs = input.withMcnemar
    ? runs.flatMap((_, i) =>
        runs.slice(i + 1).map((__, k) => pairOf(runs, columns, [i, i + 1 + k], grouping)),
      )
    : null;
  return {
    left,
    group: {
      group: cell.group,
      classes,
      testCases: ids.length,
      grouping: grouping?.name ?? null,
      runs: runs.map(({ run: { id, arm, repeat } }) => ({ runId: id, arm, repeat })),
      disagreement: disagreementOf(columns),
      arms: armsOf(runs, columns),
      flippedCases: flipped.length,
      cases: flipped.toSorted((a, b) => majority(a) - majority(b)).slice(0, maxCases),
      mcnemar: pairs,
    },
  };
}

/** McNemar's tests of all groups are one family. */
export function withAdjustedP(groups: readonly AgreementGroup[]): {
  groups: AgreementGroup[];
  family: number;
} {
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
