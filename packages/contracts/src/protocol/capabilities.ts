import { z } from "zod";
import { split } from "./dataset.js";
import { deviceClass, summationOrders, task } from "./execution.js";
import { metricInfo } from "./metric-info.js";
import { parameterValue } from "./run-request.js";

const condition = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1);

/**
 * When a hyperparameter has an effect: each named one (or `task`) must have one of the listed values, or none of those
 * under `not`. { optimizer: ["sgd"], momentum: { not: [0] } } reads: with sgd, unless momentum is 0.
 */
export const usedWhen = z.record(z.string(), z.union([condition, z.strictObject({ not: condition })]));
export type UsedWhen = z.infer<typeof usedWhen>;

/** What data are: rows of numbers, or pictures (inputs of height, width and channels). */
export const dataKind = z.enum(["table", "images"]);
export type DataKind = z.infer<typeof dataKind>;

/** One hyperparameter as a trainer announces it: enough to validate, to build a form, and to explain. */
export const hyperparameter = z.strictObject({
  /** `any`: the trainer does not know; its program takes or refuses the value. */
  type: z.enum(["number", "integer", "boolean", "string", "numberList", "integerList", "any"]),
  description: z.string(),
  default: parameterValue,
  nullable: z.boolean().default(false),
  /** A study must set it: the program has no default. */
  required: z.boolean().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  /** The allowed values of a `string`. */
  choices: z.array(z.string()).optional(),
  /** What of the data a number may not exceed: the cases of the training part, those divided by the ranks, or the test cases. */
  limitedBy: z.enum(["trainingCases", "trainingCasesPerRank", "testCases"]).optional(),
  /** What a number may not fall below: so many times another hyperparameter, always or when others have these values. */
  atLeast: z
    .array(z.strictObject({ times: z.number().positive(), of: z.string(), when: usedWhen.optional() }))
    .optional(),
  /** Values that alone fit in a context: beside others of their configuration, on data of a kind, or both. */
  fits: z
    .array(
      z.strictObject({
        values: z.array(parameterValue).min(1),
        when: usedWhen.optional(),
        data: dataKind.optional(),
        /** The reason, as a clause, where it does not go without saying. */
        because: z.string().optional(),
      }),
    )
    .optional(),
  /** Another hyperparameter, which this one must divide without remainder. */
  divides: z.string().optional(),
  /** Length limits of a list. */
  minimumItems: z.int().optional(),
  maximumItems: z.int().optional(),
  unit: z.string().optional(),
  /** Absent: always used. To ask for one that would not be used is an error. */
  usedWhen: usedWhen.optional(),
});
export type Hyperparameter = z.infer<typeof hyperparameter>;

export const datasetInfo = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  citation: z.string(),
  license: z.string(),
  available: z.boolean(),
  /** Why it is absent and where to put it. */
  hint: z.string().nullable(),
  cases: z.int().nullable(),
  inputShape: z.array(z.int()),
  classes: z.array(z.string()),
  /** Index of the class that sensitivity is about; null for more than two classes. */
  positiveClass: z.int().nullable(),
  /** Groupings of the cases: those of one patient, slide or photograph are not independent. */
  groups: z.array(z.string()).default([]),
  /** Columns by which results are shown apart: sex, site, scanner. */
  subgroups: z.array(z.string()).default([]),
  digest: z.string().nullable(),
  defaultSplit: split,
});
export type DatasetInfo = z.infer<typeof datasetInfo>;

/** What came of trying one backend on the machine where the trainer describes itself. */
export const backendProbe = z.strictObject({
  backend: z.string(),
  works: z.boolean(),
  /** What it computes on. */
  deviceClass,
  /** Whether `auto` may choose it: not where a program only pretends to be a device. */
  auto: z.boolean(),
  /** How it was found to work, or why it does not. */
  detail: z.string(),
  /** What makes its nondeterministic runs differ; null where nothing does. */
  nondeterminismSource: z.string().nullable(),
});
export type BackendProbe = z.infer<typeof backendProbe>;

/** What a trainer prints as JSON on stdout when it is started with `--describe`. */
export const trainerCapabilities = z.strictObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  tasks: z.array(task).min(1),
  /** Those that work here, in the order in which `auto` prefers them. */
  backends: z.array(z.string()).min(1),
  /** All that were tried, if the trainer tries them. */
  backendProbes: z.array(backendProbe).default([]),
  /** `cpu` or a GPU class; names the queue together with the trainer. */
  deviceClass,
  summationOrders: z.array(z.enum(summationOrders)).min(1),
  hyperparameters: z.record(z.string(), hyperparameter),
  metrics: z.array(metricInfo),
  datasets: z.array(datasetInfo),
  replay: z.boolean(),
  resume: z.boolean(),
  /** Whether two of its runs can be traced side by side, to find the operation in which they part: a program in Python that computes with PyTorch. */
  locate: z.boolean().optional(),
  /**
   * Whether it may be started before its run is known: it loads its code, touches no device, and waits for the request on stdin. Its
   * environment then has what the arm and the number of threads ask for, and nothing of the single run (`PYTHONHASHSEED` is 0).
   */
  startsAhead: z.boolean().optional(),
  /** What makes nondeterministic mode nondeterministic here; null where there is no such source. */
  nondeterminismSource: z.string().nullable(),
});
export type TrainerCapabilities = z.infer<typeof trainerCapabilities>;
