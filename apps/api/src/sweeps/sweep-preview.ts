import {
  armsOf,
  type Device,
  meets,
  modeOf,
  type SweepPreview,
  type SweepSpec,
  seedsOf,
  suits,
  type TrainerCapabilities,
  unmetWords,
} from "@reprise/contracts";
import { type Database, formerRuns, leftOutTrainers, listWorkers, runsAhead } from "@reprise/database";
import {
  alikeWarnings,
  assertExpandable,
  type Configuration,
  configurationsOf,
  countRuns,
  designWarnings,
  expandSweep,
  leftOutSentence,
  planCost,
  plannedAlike,
  planPower,
  SweepDesignError,
} from "@reprise/study";
import { evaluationErrors } from "./evaluation-planning.js";
import { errorsOf, knownTrainers } from "./sweep-planning.js";

/** Runs that a preview lists by name. */
const maxPreviewedRuns = 20;

/** Cost and power of a plan from what has run here before, on the workers of now. */
async function estimatesOf(
  db: Database,
  spec: SweepSpec,
  configurations: readonly Configuration[],
  trainers: readonly TrainerCapabilities[],
): Promise<Pick<SweepPreview, "estimatedMs" | "estimates"> & { unmet: string | null }> {
  const { trainer, dataset, analysisPlan, maxParallelRuns } = spec;
  const { requires } = spec.resources;
  const capabilities = trainers.find(({ name }) => name === trainer);
  const [former, ahead, workers] = await Promise.all([
    formerRuns(db, { trainer, dataset: dataset.name, metric: analysisPlan?.primaryMetric ?? null }),
    runsAhead(db, trainer),
    listWorkers(db),
  ]);
  const offering = workers.filter(({ status, trainers }) => status === "ready" && trainers.includes(trainer));
  const able = offering.filter((worker) => meets(worker, requires));
  const isPlace = (device: Device) =>
    device.kind === (capabilities?.deviceClass ?? "cpu") && suits(device, requires);
  const places = able.reduce((sum, { devices }) => sum + devices.filter(isPlace).length, 0);
  const slots = Math.min(places, maxParallelRuns ?? places);
  const { trainingMs, ...cost } = planCost(spec, configurations, former);
  return {
    unmet: offering.length === 0 ? null : unmetWords(trainer, requires, offering),
    estimatedMs: trainingMs === null || slots === 0 ? null : trainingMs / slots,
    estimates: {
      ...cost,
      slots,
      workers: able.map(({ name }) => name),
      runsAhead: ahead,
      detectable: planPower(spec, configurations, former),
    },
  };
}

/** What a spec would become, without making it. A spec that could not be run says why, beside its run count. */
export async function previewSweep(db: Database, spec: SweepSpec): Promise<SweepPreview> {
  const [trainers, leftOut] = await Promise.all([knownTrainers(db), leftOutTrainers(db)]);
  const count = countRuns(spec);
  const arms = armsOf(spec);
  const preview: SweepPreview = {
    runCount: Number(count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : count),
    configurations: [],
    arms: arms.map((arm) => ({ name: arm.name, repeats: arm.repeats, mode: modeOf(arm.execution) })),
    seeds: seedsOf(spec),
    firstRuns: [],
    estimatedMs: null,
    estimates: null,
    warnings: [],
    errors: [],
  };
  try {
    assertExpandable(spec);
  } catch (error) {
    if (error instanceof SweepDesignError) return { ...preview, errors: error.errors };
    throw error;
  }
  const configurations = configurationsOf(spec);
  const { estimatedMs, estimates, unmet } = await estimatesOf(db, spec, configurations, trainers);
  const trainer = trainers.find(({ name }) => name === spec.trainer);
  const alike = plannedAlike(spec, configurations, trainer);
  const firstOf = new Map(
    alike.flatMap(([first, ...others]) => others.map(({ key }) => [key, first?.key ?? null])),
  );
  const warnings = [...alikeWarnings(alike, trainer), ...designWarnings(spec, trainers)];
  const missed = leftOut.find(({ name }) => name === spec.trainer);
  if (unmet !== null) warnings.unshift(`The runs would wait: ${unmet}.`);
  if (missed && estimates?.workers.length === 0)
    warnings.unshift(`${leftOutSentence(missed)} The runs would wait.`);
  if (trainers.length === 0)
    warnings.unshift("No worker has announced a trainer yet: the runs would wait for one.");
  return {
    ...preview,
    configurations: configurations.map(({ key, label, params }) => ({
      ...{ key, label, params },
      sameInEffectAs: firstOf.get(key) ?? null,
    })),
    firstRuns: expandSweep(spec)
      .slice(0, maxPreviewedRuns)
      .map(({ key, configurationLabel, seed, arm, repeat }) => ({
        key,
        configurationLabel,
        seed,
        arm,
        repeat,
      })),
    estimatedMs,
    estimates,
    warnings,
    errors: [...errorsOf(spec, trainers, leftOut), ...(await evaluationErrors(db, spec))],
  };
}
