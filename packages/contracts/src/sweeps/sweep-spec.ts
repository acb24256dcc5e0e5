import { z } from "zod";
import { metricName } from "../basics/metric-key.js";
import { isHyperparameterName, nearestName } from "../basics/suggestions.js";
import { type Parsed, parseWith } from "../basics/validation.js";
import { datasetInSpec } from "../protocol/dataset.js";
import { objective, selection, threshold } from "../protocol/decision.js";
import { type Arm, arm, backend, noise, task } from "../protocol/execution.js";
import { givenParameters, listedConfiguration, searchParameters } from "../protocol/given-parameters.js";
import { metricFacts } from "../protocol/metric-facts.js";
import { metricDeclarations, metricsOfStudy } from "../protocol/metric-info.js";
import { keepThumbnails, keepWeights } from "../protocol/run-request.js";
import { leaseSeconds } from "../runs/lease.js";
import { givenRequirements } from "../workers/requirements.js";
import { seedList } from "./seed-text.js";
import { sequentialDesign, sequentialProblems } from "./sequential-design.js";

/** The trainer of studies whose runs are trained elsewhere, in a notebook or by a script, and logged over HTTP. */
export const externalTrainer = "external";

/** The trainer that comes with Reprise. */
export const builtInTrainer = "tfjs";

/** More runs than this in one sweep are refused, with the count. */
export const maxRunsPerSweep = 20_000;

const repeats = z.strictObject({ repeats: z.int().min(1).max(10_000) });

/** Shorthand for the two arms of the papers: `det` (fixed order) and `free` (order of arrival). */
export const modes = z
  .strictObject({ deterministic: repeats.optional(), nondeterministic: repeats.optional() })
  .refine((m) => m.deterministic !== undefined || m.nondeterministic !== undefined, {
    error: "name deterministic, nondeterministic or both",
  });

export const search = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("grid"), parameters: searchParameters.default({}) }),
  z.strictObject({
    method: z.literal("list"),
    configurations: z.array(listedConfiguration).min(1, { error: "list at least one configuration" }),
  }),
  z.strictObject({
    method: z.literal("random"),
    parameters: searchParameters,
    samples: z.int().min(1).max(maxRunsPerSweep),
    seed: z.int().min(0).default(0),
  }),
  /** Points of a Sobol sequence: they fill the space evenly, and more of them leave the first as they are. */
  z.strictObject({
    method: z.literal("sobol"),
    parameters: searchParameters,
    samples: z.int().min(1).max(maxRunsPerSweep),
    /** Points of the sequence to leave out first, to go on where an earlier study ended. */
    skip: z.int().min(0).max(1_000_000).default(0),
  }),
  /** Configurations come one by one, from a sampler outside (`ask`) or as runs that are logged. */
  z.strictObject({ method: z.literal("external") }),
]);
export type Search = z.infer<typeof search>;

/** What a search varies, with values or ranges; nothing where configurations are written out or come from outside. */
export function searchedParameters(search: Search): z.infer<typeof searchParameters> {
  return "parameters" in search ? search.parameters : {};
}

/** What will be tested, fixed and hashed before the first result. */
export const analysisPlan = z.strictObject({
  primaryMetric: metricName.min(1).describe("The metric that the tests are about."),
  contrasts: z
    .array(z.enum(["mode", "configuration"]))
    .min(1)
    .default(["mode"])
    .describe("What is compared: executions of one configuration (mode), configurations, or both."),
  /** Equivalence margins in the metric's own unit: 0.01 of a `fraction`, 1 of a `percent`. */
  margin: z
    .record(metricName, z.number().positive())
    .default({})
    .describe(
      "Differences too small to matter, by metric in its own unit: 0.01 of a fraction is one percentage point.",
    ),
  correction: z
    .enum(["holm", "bh", "none"])
    .default("holm")
    .describe("Correction for several tests: holm for claims, bh for screening."),
  alpha: z.number().gt(0).lt(0.5).default(0.05).describe("Level of the tests."),
  /** Prevalence where the classifier would be used, for predictive values: 0.02 is 2 %. */
  prevalence: z.number().gt(0).lt(1).optional(),
});
export type AnalysisPlan = z.infer<typeof analysisPlan>;

export const resources = z.strictObject({
  threads: z.union([z.literal("auto"), z.int().min(1).max(256)]).default("auto"),
  ranks: z.int().min(1).max(64).default(1),
  requires: givenRequirements
    .prefault({})
    .describe(
      "What the machine must have: memory and gpuMemory (32 GiB), gpu (part of its name: H100), or labels from its worker's file.",
    ),
});

/** One study as a document: the same in the browser's form, a YAML file for the command line, and a notebook. */
export const sweepSpec = z
  .strictObject({
    name: z.string().trim().min(1).max(120).describe("What the study is called, in at most 120 characters."),
    description: z
      .string()
      .max(4000)
      .default("")
      .describe("What the study is about; shown on its page and in its report."),
    trainer: z
      .string()
      .min(1)
      .default(builtInTrainer)
      .describe("Program that trains the runs, by the name under which workers announce it."),
    task: task.default("classification").describe("What is learned."),
    dataset: datasetInSpec.describe(
      "Data set by its name, or with a split of its own: { name, split: { train, validation, test, seed } }.",
    ),
    base: givenParameters
      .default({})
      .describe("Hyperparameters that all runs share; the others keep the trainer's defaults."),
    search: search
      .default({ method: "grid", parameters: {} })
      .describe("What varies between configurations, and how the configurations are made."),
    seeds: seedList
      .default([0])
      .describe(
        "Seeds of initial weights and data order, each trained in every configuration and arm: 0-4, 0 1 2, or a list.",
      ),
    /** Seeds block by block until the planned question is settled; without it, all runs are queued at once. */
    design: sequentialDesign.optional(),
    modes: modes
      .optional()
      .describe(
        "Short form of arms: how often each configuration and seed is trained in fixed order (deterministic) and in free order (nondeterministic).",
      ),
    arms: z
      .array(arm)
      .min(1)
      .max(20)
      .optional()
      .describe("Ways of execution to compare, each with its number of repeats."),
    noise: noise
      .prefault({})
      .describe("What else than execution varies between repeats of one seed; fixed unless named."),
    objective: objective
      .optional()
      .describe("Validation metric by which configurations and epochs are chosen."),
    threshold: threshold
      .prefault({})
      .describe("Score from which a case counts as positive, and how it is chosen."),
    selection: selection.prefault({}).describe("Epoch whose values are the run's results."),
    analysisPlan: analysisPlan
      .optional()
      .describe(
        "What will be tested, fixed before the first result. Without it, every result is exploratory.",
      ),
    /** Units, directions, ranges and names of metrics, where the trainer does not announce them. */
    metrics: metricDeclarations.optional(),
    stopping: z.strictObject({ method: z.enum(["none"]).default("none") }).prefault({}),
    resources: resources.prefault({}).describe("Threads, ranks, and what a worker's machine must have."),
    backend: backend
      .default("auto")
      .describe("What the trainer computes on; auto takes the first that works."),
    order: z
      .enum(["randomized-blocks", "listed"])
      .default("randomized-blocks")
      .describe(
        "Order of the runs: at random within blocks, so that a drift of the machine meets all alike, or as listed.",
      ),
    orderSeed: z.int().min(0).default(0),
    priority: z
      .int()
      .min(-1000)
      .max(1000)
      .default(0)
      .describe("Studies of higher priority are handed out first."),
    maxParallelRuns: z
      .int()
      .min(1)
      .max(maxRunsPerSweep)
      .nullable()
      .default(null)
      .describe("Runs that may train at the same time; null for as many as workers take."),
    checkpointEveryEpochs: z.int().min(1).nullable().default(null),
    checkpointEverySteps: z.int().min(1).nullable().default(null),
    keepWeights: keepWeights.default("auto").describe("Whether the final weights of runs are stored."),
    keepThumbnails: keepThumbnails.optional(),
    /** Of runs that are trained elsewhere (trainer `external`), unless a run says otherwise. */
    leaseSeconds: leaseSeconds.optional(),
    tags: z
      .array(z.string().min(1).max(64))
      .max(50)
      .default([])
      .describe("Words by which studies are found."),
  })
  .superRefine((spec, context) => {
    const report = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (spec.modes && spec.arms) {
      report(["modes"], "modes is shorthand for arms: give one of the two");
    }
    if (spec.leaseSeconds !== undefined && spec.trainer !== externalTrainer) {
      report(["leaseSeconds"], `is for runs that are trained elsewhere (trainer ${externalTrainer})`);
    }
    duplicates(spec.seeds).forEach((seed) => {
      report(["seeds"], `seed ${seed} is listed twice; use repeats to run it again`);
    });
    duplicates(spec.arms?.map((a) => a.name) ?? []).forEach((name) => {
      report(["arms"], `two arms are named ${name}`);
    });
    if (spec.design) {
      const { design, seeds, analysisPlan: plan } = spec;
      if (!plan)
        report(
          ["analysisPlan"],
          "a sequential study needs one: what is to be settled is fixed before the first result",
        );
      if (spec.trainer === externalTrainer || spec.search.method === "external")
        report(
          ["design"],
          "a sequential study queues its own runs: they cannot be trained or chosen elsewhere",
        );
      const margin = plan?.margin[plan.primaryMetric];
      for (const { path, message } of sequentialProblems({ design, seeds, margin }))
        report(["design", ...path], message);
    }
    const { objective } = spec;
    if (objective && metricFacts(objective.metric, metricsOfStudy({ spec })).split === "test") {
      report(
        ["objective", "metric"],
        "a test metric cannot be the objective: choosing by test results invalidates them. Use the validation metric",
      );
    }
    const declared = objective && spec.metrics?.[objective.metric]?.direction;
    if (objective && declared && declared !== objective.direction) {
      report(["objective", "direction"], `metrics declares ${objective.metric} as one to ${declared}`);
    }
    if (spec.selection.epoch === "bestValidation" && !objective) {
      report(
        ["selection", "epoch"],
        "bestValidation needs an objective that says which validation metric is best",
      );
    }
    for (const name of Object.keys(searchedParameters(spec.search))) {
      if (name in spec.base)
        report(["search", "parameters", name], "is also set in base: remove one of the two");
    }
  })
  .meta({ id: "SweepSpec" });
export type SweepSpec = z.output<typeof sweepSpec>;
export type SweepSpecInput = z.input<typeof sweepSpec>;

function duplicates<T>(values: readonly T[]): T[] {
  const seen = new Set<T>();
  return [...new Set(values.filter((value) => seen.size === seen.add(value).size))];
}

/** The execution arms of a study; without `modes` and `arms`, one deterministic repeat. */
export function armsOf(spec: Pick<SweepSpec, "modes" | "arms">): Arm[] {
  if (spec.arms) return spec.arms;
  const { deterministic, nondeterministic } = spec.modes ?? { deterministic: { repeats: 1 } };
  const arms: Arm[] = [];
  if (deterministic) {
    const execution = { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false } as const;
    arms.push({ name: "det", execution, repeats: deterministic.repeats });
  }
  if (nondeterministic) {
    const execution = { order: "free", algorithms: "default", autotune: true, tf32: false } as const;
    arms.push({ name: "free", execution, repeats: nondeterministic.repeats });
  }
  return arms;
}

/**
 * Parses a sweep document; errors name field, value and the nearest valid choice. What stands at the top, is unknown there and has
 * a hyperparameter's name or none like a field of a study, is taken for a hyperparameter.
 */
export function parseSweepSpec(input: unknown): Parsed<SweepSpec> {
  const parsed = parseWith(sweepSpec, input);
  if (parsed.ok) return parsed;
  const fields = Object.keys(sweepSpec.shape);
  const errors = parsed.errors.map((error) =>
    error.message === "unknown key" &&
    !error.path.includes(".") &&
    (isHyperparameterName(error.path) || nearestName(error.path, fields) === null)
      ? { ...error, suggestion: `Hyperparameters belong under base: base: { ${error.path}: … }.` }
      : error,
  );
  return { ...parsed, errors };
}
