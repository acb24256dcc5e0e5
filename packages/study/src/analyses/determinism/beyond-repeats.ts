import { metricFacts } from "@reprise/contracts";
import { mean, proportionInterval } from "@reprise/statistics";
import type { Cell } from "../cells.js";
import type { AnalysisInput } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { armOf, samplesBySeed } from "../seed-samples.js";
import { permutationWords } from "../tests/permutation-words.js";
import { pooledTests } from "../tests/pooled-tests.js";
import { comparisonsOf, settingsOf } from "../tests/significance-tests.js";
import { metricFormat } from "../words.js";

/** Whether deterministic runs differ from others beyond chance, as the family of the significance analysis shows it. */
export function familyWords(cells: readonly Cell[], input: AnalysisInput, metric: MetricWords): string {
  if (metric.check?.refusal) return "";
  const settings = settingsOf(input.sweep.spec);
  const { tests, family } = pooledTests(comparisonsOf(cells, metric), metric, {
    ...settings,
    margin: null,
    familyOnly: true,
  });
  const members = tests.flatMap(({ permutation }) =>
    permutation ? [permutation.shift, ...(permutation.dispersion ? [permutation.dispersion] : [])] : [],
  );
  if (members.length === 0) return "";
  const shown = members
    .filter(({ adjustedP }) => adjustedP !== null && adjustedP <= settings.alpha)
    .toSorted((a, b) => Number(a.adjustedP) - Number(b.adjustedP));
  const [clearest] = shown;
  if (clearest)
    return `Deterministic runs differ from the others beyond chance (${permutationWords(clearest, settings, family)}).`;
  return members.some(({ adjustedP }) => adjustedP !== null)
    ? "No difference between deterministic runs and the others is shown."
    : "There are too few runs to show whether deterministic ones differ from the others.";
}

/** "The 228 test cases alone leave an uncertainty of ±1.9 pp": of a share of cases, where their number is on record. */
export function testSetWords(cells: readonly Cell[], input: AnalysisInput, metric: MetricWords): string {
  const { counts, split, unit } = metricFacts(metric.key, input.metrics ?? []);
  if (counts !== "cases" || split === null || unit !== "fraction" || metric.check?.refusal) return "";
  const runs = new Set(
    cells.flatMap(({ deterministic, others }) =>
      [deterministic, ...others].flatMap((sample) => sample?.runs.map(({ id }) => id) ?? []),
    ),
  );
  const sizes = new Set([...runs].flatMap((id) => input.evidence?.get(id)?.predictions[split]?.cases ?? []));
  const [cases] = sizes;
  if (sizes.size !== 1 || cases === undefined || cases < 1) return "";
  const { spec } = input.sweep;
  const arm = armOf(samplesBySeed(cells, spec), spec);
  const values = cells.flatMap(
    ({ deterministic, others }) =>
      [deterministic, ...others].find((sample) => sample?.arm === arm)?.values.slice(0, 1) ?? [],
  );
  const rate = mean(values.filter(Number.isFinite));
  if (!(rate >= 0 && rate <= 1)) return "";
  const { low, high } = proportionInterval(Math.round(rate * cases), cases, { method: "wilson" });
  const half = (high - low) / 2;
  return `The ${cases} ${split} cases alone leave an uncertainty of ±${metricFormat(metric, half).difference(half)} (95 %, if cases are independent).`;
}
