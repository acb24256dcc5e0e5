import {
  armsOf,
  didYouMean,
  type FieldError,
  modeOf,
  parseSweepSpec,
  type SweepExtension,
  type SweepPreview,
  type SweepSpec,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { announcedTrainers, type Database, formerRuns, listWorkers, runsAhead } from "@reprise/database";
import {
  assertExpandable,
  type Configuration,
  checkAgainstTrainer,
  configurationsOf,
  countRuns,
  designErrors,
  designWarnings,
  expandExtension,
  expandSweep,
  type PlannedRun,
  planCost,
  planPower,
  SweepDesignError,
  SweepTooLargeError,
} from "@reprise/study";
import { problem } from "../http/problems.js";
import { evaluationErrors } from "./evaluation-planning.js";

/** Runs that a preview lists by name. */
const previewedRuns = 20;

/** What every connected kind of worker announced. */
export async function knownTrainers(db: Database): Promise<TrainerCapabilities[]> {
  return (await announcedTrainers(db)).map(({ capabilities }) => capabilities);
}

/**
 * What stands against a spec: an over-large or impossible design first, because nothing else matters then. Before any
 * trainer has announced itself there is nothing to check against: such a sweep waits, and says so.
 */
function errorsOf(spec: SweepSpec, trainers: readonly TrainerCapabilities[]): FieldError[] {
  const design = designErrors(spec);
  return design.length > 0 || trainers.length === 0 ? design : checkAgainstTrainer(spec, trainers);
}

export type SweepPlan = { runs: PlannedRun[]; deviceClass: TrainerCapabilities["deviceClass"] };

/**
 * The runs of a well-formed spec, checked against what workers announced.
 * @throws {ProblemError} sweep-too-large with the count, invalid-sweep-spec with one error per field.
 */
export async function planSweep(db: Database, spec: SweepSpec): Promise<SweepPlan> {
  const trainers = await knownTrainers(db);
  return withEvaluations(
    db,
    spec,
    plan(spec, trainers, () => expandSweep(spec)),
  );
}

/** The plan, once nothing stands against what it evaluates. */
async function withEvaluations(db: Database, spec: SweepSpec, planned: SweepPlan): Promise<SweepPlan> {
  const errors = await evaluationErrors(db, spec);
  if (errors.length > 0) throw invalidSpec(errors);
  return planned;
}

function plan(
  spec: SweepSpec,
  trainers: readonly TrainerCapabilities[],
  expand: () => PlannedRun[],
): SweepPlan {
  try {
    assertExpandable(spec);
    const errors = errorsOf(spec, trainers);
    if (errors.length > 0) throw invalidSpec(errors);
    const trainer = trainers.find(({ name }) => name === spec.trainer);
    return { runs: expand(), deviceClass: trainer?.deviceClass ?? "cpu" };
  } catch (error) {
    if (error instanceof SweepTooLargeError) {
      throw problem("sweep-too-large", error.errors.map(({ message }) => message).join("; "), {
        errors: error.errors,
      });
    }
    if (error instanceof SweepDesignError) throw invalidSpec(error.errors);
    throw error;
  }
}

function invalidSpec(errors: FieldError[]) {
  const count = errors.length === 1 ? "one error" : `${errors.length} errors`;
  return problem("invalid-sweep-spec", `The sweep has ${count}; see "errors". Nothing was created.`, {
    errors,
  });
}

/** The spec with more seeds, repeats and configurations. @throws {ProblemError} where the extension does not fit it. */
export function extendedSpec(spec: SweepSpec, extension: SweepExtension): SweepSpec {
  const arms = armsOf(spec);
  const names = arms.map(({ name }) => name);
  const errors: FieldError[] = [];
  for (const name of Object.keys(extension.repeats)) {
    if (names.includes(name)) continue;
    errors.push({
      path: `repeats.${name}`,
      message: "this sweep has no such arm",
      suggestion: didYouMean(name, names),
    });
  }
  extension.seeds.forEach((seed, index) => {
    if (!spec.seeds.includes(seed)) return;
    errors.push({ path: `seeds.${index}`, message: "the sweep has this seed already", value: String(seed) });
  });
  if (errors.length > 0)
    throw problem("invalid-request", "The extension does not fit this sweep.", { errors });
  if (spec.search.method === "external") {
    throw problem(
      "conflict",
      "The runs of this sweep come from outside: ask for more with `POST /sweeps/{id}/ask`.",
    );
  }

  const more = (name: string) => extension.repeats[name] ?? 0;
  const { deterministic, nondeterministic } = spec.modes ?? {};
  const extended: SweepSpec = {
    ...spec,
    seeds: [...spec.seeds, ...extension.seeds],
    ...(spec.modes
      ? {
          modes: {
            ...(deterministic && { deterministic: { repeats: deterministic.repeats + more("det") } }),
            ...(nondeterministic && {
              nondeterministic: { repeats: nondeterministic.repeats + more("free") },
            }),
          },
        }
      : { arms: arms.map((arm) => ({ ...arm, repeats: arm.repeats + more(arm.name) })) }),
  };
  if (extension.configurations.length > 0) {
    // Written out in full, the old configurations keep their parameters, and with them the keys of their runs.
    const written = configurationsOf(spec).map(({ label, params }) => ({ ...params, label }));
    extended.search = { method: "list", configurations: [...written, ...extension.configurations] };
  }
  const parsed = parseSweepSpec(extended);
  if (!parsed.ok) throw invalidSpec(parsed.errors);
  return parsed.value;
}

/**
 * The runs that an extension adds, placed behind those that exist.
 * @throws {ProblemError} like {@link planSweep}, for the extended spec as a whole.
 */
export async function planExtension(
  db: Database,
  extended: SweepSpec,
  existing: { keys: ReadonlySet<string>; count: number },
): Promise<SweepPlan> {
  const trainers = await knownTrainers(db);
  const planned = plan(extended, trainers, () => expandExtension(extended, existing.keys, existing.count));
  return withEvaluations(db, extended, planned);
}

/** Cost and power of a plan from what has run here before, on the workers of now. */
async function estimatesOf(
  db: Database,
  spec: SweepSpec,
  configurations: readonly Configuration[],
  trainers: readonly TrainerCapabilities[],
): Promise<Pick<SweepPreview, "estimatedMs" | "estimates">> {
  const { trainer, dataset, analysisPlan, maxParallelRuns } = spec;
  const capabilities = trainers.find(({ name }) => name === trainer);
  const [former, ahead, workers] = await Promise.all([
    formerRuns(db, { trainer, dataset: dataset.name, metric: analysisPlan?.primaryMetric ?? null }),
    runsAhead(db, trainer),
    listWorkers(db),
  ]);
  const able = workers.filter(({ status, trainers }) => status === "ready" && trainers.includes(trainer));
  const places = able.reduce(
    (sum, { devices }) =>
      sum + devices.filter(({ kind }) => kind === (capabilities?.deviceClass ?? "cpu")).length,
    0,
  );
  const slots = Math.min(places, maxParallelRuns ?? places);
  const { trainingMs, ...cost } = planCost(spec, configurations, former);
  return {
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
  const trainers = await knownTrainers(db);
  const count = countRuns(spec);
  const arms = armsOf(spec);
  const preview: SweepPreview = {
    runCount: Number(count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : count),
    configurations: [],
    arms: arms.map((arm) => ({ name: arm.name, repeats: arm.repeats, mode: modeOf(arm.execution) })),
    seeds: spec.seeds,
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
  const { estimatedMs, estimates } = await estimatesOf(db, spec, configurations, trainers);
  const warnings = designWarnings(spec, trainers);
  if (trainers.length === 0)
    warnings.unshift("No worker has announced a trainer yet: the runs would wait for one.");
  return {
    ...preview,
    configurations,
    firstRuns: expandSweep(spec)
      .slice(0, previewedRuns)
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
    errors: [...errorsOf(spec, trainers), ...(await evaluationErrors(db, spec))],
  };
}
