import {
  type Arm,
  armsOf,
  isReferenceExecution,
  metricFacts,
  noiseSources,
  type SweepSpec,
  seedsOf,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { minimumDetectableShift } from "@reprise/statistics";
import { countRuns } from "./sweep-design.js";

/** Below so many repeats the new-observation test finds only enormous shifts. */
const fewRepeats = 5;

function repeatWarnings(arms: readonly Arm[], reference: Arm | undefined): string[] {
  return arms
    .filter((arm) => arm !== reference && arm.repeats < fewRepeats)
    .map(({ name, repeats }) =>
      repeats < 2
        ? `Arm ${name} has one repeat: without a spread to compare with, no test is possible.`
        : `Arm ${name} has ${repeats} repeats. With so few, only shifts of about ${minimumDetectableShift(repeats).toFixed(1)} standard deviations would usually be found (five repeats: ${minimumDetectableShift(5).toFixed(1)}, ten: ${minimumDetectableShift(10).toFixed(1)}).`,
    );
}

function determinismWarnings(spec: SweepSpec, arms: readonly Arm[], reference: Arm | undefined): string[] {
  const warnings: string[] = [];
  if (!reference) {
    warnings.push(
      "No arm sums in fixed order with deterministic algorithms: nothing can be shown to be bit-identical, and free repeats have no reference.",
    );
  } else if (reference.repeats < 2) {
    warnings.push(
      `Arm ${reference.name} has one repeat: its repeatability is assumed, not shown. Two repeats would show it.`,
    );
  }
  const varied = noiseSources.filter((source) => spec.noise[source] === "varied");
  if (varied.length > 0) {
    warnings.push(
      `Noise source ${varied.join(", ")} varies between repeats: deterministic repeats will not share a digest, and spread is not execution noise alone.`,
    );
  }
  const shards = spec.base.shards;
  if (typeof shards === "number" && shards < 3 && arms.some((arm) => arm.execution.order !== "fixed")) {
    warnings.push(
      `With ${shards} ${shards === 1 ? "shard" : "shards"} the order of summation changes nothing, because two numbers have one sum. Use three or more.`,
    );
  }
  return warnings;
}

function metricWarnings(spec: SweepSpec, trainer: TrainerCapabilities | undefined): string[] {
  const plan = spec.analysisPlan;
  if (!plan) {
    return [
      "No analysis plan: every comparison will be labelled as chosen after seeing results. Name at least a primary metric.",
    ];
  }
  const warnings: string[] = [];
  const key = plan.primaryMetric;
  const metric = trainer?.metrics.find((candidate) => candidate.key === key);
  if (metric?.split === "train") {
    warnings.push(`The primary metric ${key} is measured on training data and says nothing about new cases.`);
  }
  if (plan.margin[key] === undefined) {
    warnings.push(
      `The plan has no margin for ${key}: equivalence cannot be shown, only the absence of a detected difference.`,
    );
  }
  const dataset = trainer?.datasets.find(({ name }) => name === spec.dataset.name);
  const counts = trainer ? metricFacts(key, trainer.metrics).counts : null;
  if (metric?.unit === "fraction" && metric.split && dataset?.cases && counts !== null) {
    const cases = Math.round(dataset.cases * spec.dataset.split[metric.split]);
    if (cases > 0 && cases < 1000) {
      warnings.push(
        `The ${metric.split} part has about ${cases} cases, so ${
          counts === "oneClass"
            ? `${key}, which counts one class only, moves in steps of more than`
            : `${key} moves in steps of`
        } ${(100 / cases).toFixed(2)} pp; repeats may take few distinct values, and then no t-test is made.`,
      );
      const margin = plan.margin[key];
      if (margin !== undefined && margin < 1 / cases) {
        warnings.push(`The margin for ${key} (${margin * 100} pp) is smaller than one case.`);
      }
    }
  }
  return warnings;
}

/** What a reader of the finished study would wish had been planned otherwise: plain sentences, none of them an error. */
export function designWarnings(spec: SweepSpec, announced: readonly TrainerCapabilities[]): string[] {
  const arms = armsOf(spec);
  const reference = arms.find(({ execution }) => isReferenceExecution(execution));
  const trainer = announced.find(({ name }) => name === spec.trainer);
  const repeats = arms.reduce((sum, arm) => sum + arm.repeats, 0);
  const onePerConfiguration = repeats === 1 && seedsOf(spec).length === 1;
  const warnings = onePerConfiguration
    ? [
        countRuns(spec) === 1n
          ? "One run: its result cannot be distinguished from chance."
          : "One run per configuration: ranks will be descriptive, and no effect can be claimed. Add seeds or repeats.",
      ]
    : [...determinismWarnings(spec, arms, reference), ...repeatWarnings(arms, reference)];
  if (!onePerConfiguration && seedsOf(spec).length === 1) {
    warnings.push(`One seed (${spec.seeds[0]}): results hold for this seed and may differ for others.`);
  }
  return [...warnings, ...metricWarnings(spec, trainer)];
}
