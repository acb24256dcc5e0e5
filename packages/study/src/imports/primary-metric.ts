import {
  type ImportDecisions,
  type ImportProposal,
  isNoResult,
  metricFacts,
  type RunFacts,
} from "@reprise/contracts";
import { isTiming } from "./column-names.js";
import { isComplete } from "./place-runs.js";

/** Metrics with the number of complete runs that have each. */
function metricCounts(runs: readonly RunFacts[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { metrics } of runs.filter(isComplete))
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Of so many complete runs a metric must be known to be what the study is judged by. */
const fewest = 0.8;

/**
 * The metric that the study seems to be about: one that most runs have, a rate before a loss, of the test data before the
 * validation data before anything else. Null where no run has a result.
 */
export function primaryMetric(
  runs: readonly RunFacts[],
  { metric }: ImportDecisions,
): ImportProposal["metric"] {
  if (metric) return metric;
  const counts = metricCounts(runs);
  const complete = runs.filter(isComplete).length;
  const splits = ["test", "validation", null, "train"];
  const rankOf = (name: string) => {
    const { loss, split, direction } = metricFacts(name, []);
    const isRare = (counts.get(name) ?? 0) < fewest * complete;
    const flags = [isRare, isNoResult(name) || isTiming(name), direction === null, split === "train", loss];
    return flags.reduce((rank, flag) => 2 * rank + Number(flag), 0) * 10 + splits.indexOf(split);
  };
  const [first] = [...counts.keys()].toSorted(
    (a, b) => rankOf(a) - rankOf(b) || a.length - b.length || (a < b ? -1 : 1),
  );
  return first === undefined
    ? null
    : { name: first, direction: metricFacts(first, []).direction, at: "last" };
}
