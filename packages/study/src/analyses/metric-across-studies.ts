import { type DeclaredMetric, type MetricFacts, metricFacts, type Verdict } from "@reprise/contracts";
import { checkMetric, howToDeclare, type SeenValues } from "./metric-check.js";
import type { MetricCheck } from "./metric-words.js";
import { joinWords } from "./words.js";

/** What is declared of metrics in a study, and what is seen of one of them in its runs. */
export type MeasuringStudy = {
  name: string;
  metrics: readonly DeclaredMetric[];
  seen: readonly SeenValues[];
};

type Checked = { facts: MetricFacts; check: MetricCheck };

/** That several studies have one metric in different units. */
function unitsDiffer(key: string, studies: readonly (Checked & { name: string })[]): Verdict | null {
  const units = [...new Set(studies.map(({ facts }) => facts.unit))];
  const [first] = studies;
  if (units.length < 2 || !first) return null;
  const each = units.map((unit) => {
    const members = studies.filter(({ facts }) => facts.unit === unit).map(({ name }) => name);
    return `${unit === "" ? "no known unit" : unit} in ${joinWords(members)}`;
  });
  return {
    kind: "unit",
    tone: "attention",
    sentence: `${first.facts.label} is not compared: the studies use different units (${each.join("; ")}).`,
    basis: [`To compare them, ${howToDeclare(key)}`],
  };
}

/** A metric as runs of several studies share it: not comparable where these have it in different units. */
export function checkAcross(key: string, studies: readonly MeasuringStudy[]): Checked {
  const measuring = studies.filter(({ seen }) => seen.length > 0);
  const declared = (measuring[0] ?? studies[0])?.metrics ?? [];
  const { facts, check } = checkMetric(
    key,
    declared,
    measuring.flatMap(({ seen }) => seen),
  );
  if (measuring.length < 2 || check.refusal) return { facts, check };
  const own = measuring.map(({ name, metrics, seen }) => ({ name, ...checkMetric(key, metrics, seen) }));
  const refusal = unitsDiffer(key, own);
  if (refusal) {
    return {
      facts: { ...facts, unit: "" },
      check: { ...check, refusal, verdicts: [refusal, ...check.verdicts] },
    };
  }
  const same = own.every(
    ({ check: { range } }) => range.low === check.range.low && range.high === check.range.high,
  );
  return same ? { facts, check } : { facts, check: { ...check, range: { low: null, high: null } } };
}

/**
 * Whether runs with the smallest and greatest values of each study tell of a metric what all its runs would: where nothing is to be
 * said of these, and their scale leaves no room for another one between them.
 */
export function extremesTellAll(key: string, extremes: readonly MeasuringStudy[]): boolean {
  const { check } = checkAcross(key, extremes);
  const isQuiet = check.refusal === null && check.verdicts.length === 0 && check.notes.length === 0;
  return isQuiet && extremes.every(({ metrics, seen }) => isOneScale(metricFacts(key, metrics).unit, seen));
}

function isOneScale(unit: string, seen: readonly SeenValues[]): boolean {
  if (unit === "fraction") return seen.every(({ value }) => value >= 0 && value <= 1);
  return unit !== "percent" || seen.every(({ value }) => value > 1);
}
