import type { AnalysisTable } from "@reprise/contracts";
import { counted } from "./words.js";

type Cells = AnalysisTable["rows"][number];
type Rule = readonly [key: RegExp, why: (cells: Cells, key: string) => string];

const runsIn = ({ n, runs }: Cells) => (typeof n === "number" ? n : typeof runs === "number" ? runs : null);

/** Why something that needs several runs is not there, where their number is the reason. */
function tooFew(cells: Cells, what: string): string | null {
  const n = runsIn(cells);
  return n !== null && n < 2 ? `${n === 0 ? "No run" : counted(n, "run")}: ${what} needs two.` : null;
}

const bothNeeded = "No deterministic run, or no run of another arm, has ended with this metric.";
const noMargin = "No margin was fixed for this metric.";

/** Why a cell is empty where its row gives no reason of its own: the first rule that its column fits. */
const rules: readonly Rule[] = [
  [
    /^(sequential|oneSided)(Low|High)$/,
    () => "No bound: with so few seeds, or so little error to spend at this look, nothing can be settled.",
  ],
  [/^eValue$/, () => "There are too few seeds, or the bounds are not based on e-values."],
  [
    /^optimism$/,
    () =>
      "The row mixes configurations, has fewer than three different runs, or includes runs that diverged.",
  ],
  [/^outperformance$/, () => "No test was made, or which direction is better is not known."],
  [/^outperformance(Low|High)$/, () => "Fewer than 29 observations: too few for an interval and a verdict."],
  [/^seedDifference$/, () => "A side has no result at this seed."],
  [
    /^(identical)$/,
    () => "Fewer than two deterministic runs have a digest, or their records contradict each other.",
  ],
  [/^deterministicDiverged$/, () => "There is no deterministic run."],
  [/^diverged$/, () => "There is no run of another arm."],
  [/^deterministic$/, () => "No deterministic run has ended with this metric."],
  [/^deterministicTime$/, () => "No deterministic run has a recorded duration."],
  [/^meanTime$/, () => "No run of this arm has a recorded duration."],
  [/^percent$/, () => "Durations are not recorded for both arms."],
  [/^kWhPerRun$/, () => "No energy was recorded for any run of this row."],
  [
    /^(deltaPercent|maxAbsDifference)$/,
    () => "There is no deterministic value or no mean, or the mean is zero.",
  ],
  [/^(best|worst|range)(Seed|Arm)?$/, (cells) => tooFew(cells, "a range") ?? "No run has a finite value."],
  [
    /^(permutation|shift|dispersion)(Adjusted)?P$|^shift(Low|High)$/,
    () =>
      "Too few relabelings within seeds for a claim, or only one seed, at which dispersion equals the shift.",
  ],
  [/^(equivalent|equivalenceP|marginP?)$/, () => noMargin],
  [
    /^moreNeeded(AtLeast)?$/,
    () =>
      "No margin was fixed for this metric, there are fewer than four observations to plan from, or no practical number is enough.",
  ],
  [/^meanPercentSignificant$/, () => "No seed is significant by the one-sample test."],
  [/^(probe)/, () => "Fewer than two runs recorded activations at this epoch."],
  [
    /^outputCka$/,
    () => "Given only in the row of the last epoch, if scores of at least two runs are stored.",
  ],
  [
    /^(sensitivity|specificity)(Mean|Sd|Low|High)$/,
    (cells, key) =>
      (/Sd$/.test(key) ? tooFew(cells, "a standard deviation") : null) ??
      "The metric was not reported, and there are no predictions with a positive class to compute it from.",
  ],
  [
    /^(accuracy|balancedAccuracy|auc|f1)(Mean|Sd)$/,
    (cells, key) =>
      (/Sd$/.test(key) ? tooFew(cells, "a standard deviation") : null) ??
      "The metric was not reported, and there are no predictions to compute it from.",
  ],
  [
    /^(churn|flippedCases)$/,
    (cells) =>
      tooFew(cells, "a comparison of predictions") ??
      "Fewer than two runs have stored predictions of the same cases.",
  ],
  [/^testCases$/, () => "No predictions are stored."],
  [
    /^arm$/,
    (cells) =>
      typeof cells.what === "string"
        ? "A sum over all arms."
        : "No run of another arm has ended with this metric.",
  ],
  [/^(n|distinctDigests)$/, () => "No run of another arm has ended with this metric."],
  [
    /(^sd|Sd)$/,
    (cells) =>
      tooFew(cells, "a standard deviation") ??
      (cells.n === null ? bothNeeded : "A run has no finite value of this metric."),
  ],
  [/^(clusters|designEffect)$/, () => "No grouping of the cases is known: every case counts as independent."],
  [
    /(low|high)$/i,
    (cells) =>
      tooFew(cells, "an interval") ??
      (cells.n === null
        ? bothNeeded
        : "The runs have three or fewer distinct values, or one that is not a finite number, so no interval is given."),
  ],
  [
    /(^p|P|^statistic|T|^df|adjustedP)$/,
    (cells) =>
      tooFew(cells, "a test") ??
      "These runs were not tested: their values do not differ, or there are too few.",
  ],
  [
    /^(mean|min|max|distance|maxDistance)$/,
    (cells) =>
      cells.epoch === undefined ? bothNeeded : "Fewer than two runs recorded their last layer at this epoch.",
  ],
];

/** What is said where no rule knows more. */
const unknown = "It cannot be determined from these runs.";

/**
 * Why the empty cells of a row are empty, by column. A remark is no figure, and may be empty without a reason.
 *
 * @param given a reason that the cells do not show, by column; null where there is none
 */
export function absencesOf(
  cells: Cells,
  given: (key: string) => string | null = () => null,
): Record<string, string> {
  const remark = typeof cells.reason === "string" && cells.reason !== "" ? cells.reason : null;
  return Object.fromEntries(
    Object.entries(cells)
      .filter(([key, value]) => value === null && key !== "reason")
      .map(([key]) => [
        key,
        given(key) ?? remark ?? rules.find(([of]) => of.test(key))?.[1](cells, key) ?? unknown,
      ]),
  );
}

/** "SD; PI low: One run: …": the reasons of a table's empty cells, each once with its columns. */
export function absenceNotes(absent: AnalysisTable["absent"], nameOf: (key: string) => string): string[] {
  const byReason = new Map<string, Set<string>>();
  for (const row of absent)
    for (const [key, reason] of Object.entries(row)) {
      byReason.set(reason, (byReason.get(reason) ?? new Set()).add(nameOf(key)));
    }
  return [...byReason].map(([reason, labels]) => `${[...labels].join("; ")}: ${reason}`);
}
