import { metricFacts } from "../protocol/metric-facts.js";
import type { Run } from "./run.js";

/** By which metric a run shows that it diverged, in words. */
export type ShownDivergence = {
  key: string;
  label: string;
  is: "NaN" | "infinite" | "not finite";
  step: number | null;
  /** To the end of training. */
  lasts: boolean;
};

/** How a run shows that it diverged; null where it did not. Rows of lists may lack the summary that says which value it is. */
export function shownDivergence({
  diverged,
  summary,
}: Pick<Run, "diverged" | "summary">): ShownDivergence | null {
  if (!diverged) return null;
  const { key, step } = diverged;
  const told = summary[key]?.nonFinite ?? null;
  const is = told === null ? "not finite" : told.value === "NaN" ? "NaN" : "infinite";
  const lasts = told === null || step === null || told.since === step;
  return { key, label: metricFacts(key, []).label, is, step, lasts };
}

/** "train loss is NaN from step 3"; `where` is empty where no step is known. */
export function divergencePlace({ label, is, lasts }: ShownDivergence, where: string): string {
  if (where === "") return `final ${label} is ${is}`;
  return lasts
    ? `${label} is ${is} from ${where}`
    : `${label} is ${is} at ${where} first, and not to the end`;
}

/** "train loss is NaN from step 3"; empty where the run did not diverge. */
export function whereDiverged(run: Pick<Run, "diverged" | "summary">): string {
  const shown = shownDivergence(run);
  return shown ? divergencePlace(shown, shown.step === null ? "" : `step ${shown.step}`) : "";
}
