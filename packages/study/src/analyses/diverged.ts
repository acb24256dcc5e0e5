import {
  divergencePlace,
  type Run,
  type ShownDivergence,
  shownDivergence,
  type Verdict,
} from "@reprise/contracts";
import { counted, joinWords } from "./words.js";

export const hasDiverged = (run: Pick<Run, "diverged">): boolean => run.diverged !== null;

export const divergedAmong = (runs: readonly Run[]): number => runs.filter(hasDiverged).length;

/** Runs by what an analysis does with them. */
type Sorted = {
  used: Run[];
  failed: Run[];
  pending: Run[];
  withoutMetric: Run[];
  apart: Run[];
  departed: Run[];
  refused: Run[];
};

/** Places that are told each; the others are counted. */
const placesTold = 3;

/** "train loss is NaN from step 3", "train loss is NaN from steps 1 to 9 in 8, validation loss is infinite from step 2 in 1". */
function placesOf(runs: readonly Run[]): string {
  const shown = runs.flatMap((run) => shownDivergence(run) ?? []);
  const keyOf = ({ key, is, lasts, step }: ShownDivergence) =>
    JSON.stringify([key, is, lasts, step === null]);
  const groups = [...new Set(shown.map(keyOf))]
    .map((key) => shown.filter((each) => keyOf(each) === key))
    .toSorted((a, b) => b.length - a.length);
  const words = groups.slice(0, placesTold).map((group) => {
    const steps = [...new Set(group.flatMap(({ step }) => step ?? []))].toSorted((a, b) => a - b);
    const [low, high] = [steps.at(0), steps.at(-1)];
    const where = low === undefined ? "" : low === high ? `step ${low}` : `steps ${low} to ${high}`;
    const [first] = group;
    const place = first ? divergencePlace(first, where) : "";
    return groups.length === 1 ? place : `${place} in ${group.length}`;
  });
  const others = groups.slice(placesTold).reduce((sum, group) => sum + group.length, 0);
  return joinWords([...words, ...(others > 0 ? [`others in ${others}`] : [])]);
}

/**
 * "12 of 16 runs diverged (train loss is NaN from step 3)"; null where none did.
 *
 * @param noun what the runs are called: "free executions"
 */
export function divergedWords(runs: readonly Run[], noun = "run"): string | null {
  const diverged = runs.filter(hasDiverged);
  if (diverged.length === 0) return null;
  const all = runs.length;
  const many = noun.endsWith("s") ? noun : `${noun}s`;
  const who =
    diverged.length < all
      ? `${diverged.length} of ${all} ${many}`
      : all === 1
        ? `The only ${noun.replace(/s$/, "")}`
        : all === 2
          ? `Both ${many}`
          : `All ${all} ${many}`;
  return `${who} diverged (${placesOf(diverged)})`;
}

/** Runs that have ended or are being trained, excluded ones left out: those of which it can be told whether they diverged. */
const judged = ({ used, departed, failed, withoutMetric, apart, refused, pending }: Sorted) => [
  ...used,
  ...departed,
  ...refused,
  ...apart,
  ...failed,
  ...withoutMetric,
  ...pending.filter(({ status }) => status === "running"),
];

/** The sentence about the whole study; null where no run diverged. */
export const divergedOf = (sorted: Sorted) => divergedWords(judged(sorted));

/** What is made of the values of diverged runs where they are not left out, and why. */
export const divergedUse =
  "Values of diverged runs appear in tables and extremes as reported, but in no test and no claim of equality. Figures that include them mix results of training with outputs of a network whose weights are not finite; figures without them describe only the runs that went well, and favour whatever fails more often. To see the others alone, compare groups with diverged = false or exclude runs by hand, and report how many there were.";

/** What is made of the values of diverged runs, and why. */
function useOf({ apart }: Sorted): string {
  if (apart.length > 0) {
    return `${counted(apart.length, "run")} that diverged ${apart.length === 1 ? "is" : "are"} left out where predictions or weights are compared: outputs of a network whose weights are not finite are not results of training. The remaining runs say nothing about how often training diverges.`;
  }
  return divergedUse;
}

/** Said before anything else, where runs diverged. */
export function divergedVerdicts(sorted: Sorted): Verdict[] {
  const words = divergedOf(sorted);
  return words === null
    ? []
    : [{ kind: "diverged", tone: "attention", sentence: `${words}.`, basis: [useOf(sorted)] }];
}

/** The same below tables, which leave without their verdicts. */
export function divergedNotes(sorted: Sorted): string[] {
  const words = divergedOf(sorted);
  return words === null ? [] : [`${words}. ${useOf(sorted)}`];
}
