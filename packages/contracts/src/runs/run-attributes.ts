import { z } from "zod";
import { id, instant } from "../basics/primitives.js";
import { mode } from "../protocol/execution.js";
import { runPurpose, runStatus } from "./run-states.js";

/** One plain property of a run: what it holds, and what lists of runs can do with it. */
export type AttributeInfo = {
  schema: z.ZodType<string | number | null>;
  /** How values compare. `time` is written in ISO 8601. */
  type: "text" | "integer" | "number" | "time";
  unit?: "milliseconds" | "bytes" | "percent";
  /** Head of its column; without one, tables do not offer it. */
  label?: string;
  description: string;
  filterable: boolean;
  sortable: boolean;
  groupable: boolean;
};

const everywhere = { filterable: true, sortable: true, groupable: true } as const;
const ungrouped = { filterable: true, sortable: true, groupable: false } as const;
const filtered = { filterable: true, sortable: false, groupable: false } as const;

/** Of what archives of earlier versions do not have. */
const later = z.number().nullable().default(null);

/**
 * Every plain property of a run, in the order in which tables show them. Filters, sorting, grouping, the run itself and
 * its column in tables follow from here; the database adds where each value is found.
 */
const table = {
  id: { ...ungrouped, schema: id, type: "text", description: "Id of the run" },
  sweepId: { ...everywhere, schema: id.nullable(), type: "text", description: "Id of its sweep" },
  key: {
    ...ungrouped,
    schema: z.string(),
    type: "text",
    description: "Stable within a sweep: configuration, seed, arm and repeat; a replica has one of its own",
  },
  purpose: {
    ...everywhere,
    schema: runPurpose,
    type: "text",
    description: "A run of the study, or a replica that verifies or replays one",
  },
  sourceRunId: {
    ...everywhere,
    schema: id.nullable(),
    type: "text",
    description: "The run that a replica does again",
  },
  configurationKey: {
    ...everywhere,
    schema: z.string(),
    type: "text",
    description: "Digest of the hyperparameters without seed, arm and repeat",
  },
  configurationLabel: {
    ...everywhere,
    schema: z.string(),
    type: "text",
    label: "Configuration",
    description: "Name of the configuration in its sweep",
  },
  seed: { ...everywhere, schema: z.int(), type: "integer", label: "Seed", description: "Seed of the run" },
  arm: { ...everywhere, schema: z.string(), type: "text", label: "Arm", description: "Arm of the study" },
  repeat: {
    ...everywhere,
    schema: z.int(),
    type: "integer",
    label: "Repeat",
    description: "Which repeat of its configuration, seed and arm, from 0",
  },
  mode: {
    ...everywhere,
    schema: mode,
    type: "text",
    description: "Whether execution is deterministic or nondeterministic",
  },
  status: {
    ...everywhere,
    schema: runStatus,
    type: "text",
    label: "Status",
    description: "State of the run",
  },
  prunedAtStep: {
    ...everywhere,
    schema: later,
    type: "integer",
    label: "Pruned at step",
    description: "Step after which a sampler gave the run up; of runs that were pruned",
  },
  durationMs: {
    ...everywhere,
    schema: z.number().nullable(),
    type: "number",
    unit: "milliseconds",
    label: "Time",
    description: "Wall time from start to end",
  },
  selectedEpoch: {
    ...everywhere,
    schema: z.int().nullable(),
    type: "integer",
    description: "The epoch at which its figures are reported",
  },
  digest: {
    ...everywhere,
    schema: z.string().nullable(),
    type: "text",
    label: "Digest",
    description: "SHA-256 of the final weights, of an evaluation of its predictions",
  },
  dataset: {
    ...everywhere,
    schema: z.string(),
    type: "text",
    label: "Data set",
    description: "Name of the data set",
  },
  trainer: {
    ...everywhere,
    schema: z.string(),
    type: "text",
    label: "Trainer",
    description: "Name of the trainer",
  },
  workerName: {
    ...everywhere,
    schema: z.string().nullable(),
    type: "text",
    label: "Worker",
    description: "Name of the worker of the last attempt",
  },
  backendRequested: {
    ...everywhere,
    schema: z.string(),
    type: "text",
    description: "The backend that was asked for",
  },
  backendUsed: {
    ...everywhere,
    schema: z.string().nullable(),
    type: "text",
    description: "The backend that it was trained on",
  },
  environmentId: {
    ...everywhere,
    schema: z.string().nullable(),
    type: "text",
    description: "Digest of its environment",
  },
  createdAt: {
    ...everywhere,
    schema: instant,
    type: "time",
    label: "Queued",
    description: "When it was queued",
  },
  startedAt: {
    ...ungrouped,
    schema: instant.nullable(),
    type: "time",
    description: "When its last attempt began",
  },
  endedAt: { ...ungrouped, schema: instant.nullable(), type: "time", description: "When it ended" },
  position: {
    ...everywhere,
    schema: z.int(),
    type: "integer",
    label: "Place",
    description: "Place in the recorded order of the sweep, from 0",
  },
  attempt: {
    ...everywhere,
    schema: z.int(),
    type: "integer",
    label: "Attempt",
    description: "Number of the last attempt; 0 before the first",
  },
  peakResidentMemoryBytes: {
    ...everywhere,
    schema: later,
    type: "integer",
    unit: "bytes",
    label: "Peak memory",
    description: "Largest memory of the trainer's processes together, over the samples of the last attempt",
  },
  meanCpuPercent: {
    ...everywhere,
    schema: later,
    type: "number",
    unit: "percent",
    label: "Mean processor, % of one",
    description: "Processor time over wall time of the last attempt; 100 is one processor",
  },
  departures: {
    ...everywhere,
    schema: z.int().default(0),
    type: "integer",
    label: "Departed settings",
    description:
      "Settings of the training process that were observed or reported to be other than requested, or to change",
  },
  excludedReason: {
    ...everywhere,
    schema: z.string().nullable(),
    type: "text",
    description: "Why analyses leave the run out; null where they do not",
  },
  notes: { ...filtered, schema: z.string(), type: "text", description: "Notes on the run" },
} as const satisfies Record<string, AttributeInfo>;

export type RunAttribute = keyof typeof table;
export const runAttributes: Readonly<Record<RunAttribute, AttributeInfo>> = table;

function shapeOf<T extends Record<string, AttributeInfo>>(attributes: T) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { schema, description }]) => [name, schema.describe(description)]),
  ) as { [K in keyof T]: T[K]["schema"] };
}

/** The plain properties alone. */
export const runAttributeValues = z.strictObject(shapeOf(table));
export const runAttributeNames: readonly RunAttribute[] = runAttributeValues.keyof().options;

const namesWith = (can: "filterable" | "sortable" | "groupable") =>
  runAttributeNames.filter((name) => runAttributes[name][can]);
export const filterableAttributes = namesWith("filterable");
export const sortableAttributes = namesWith("sortable");
export const groupableAttributes = namesWith("groupable");

/** Properties that hold or do not; runs are found, sorted and grouped by them. Each says what it holds of. */
export const runFlags = {
  diverged: "Training diverged: a loss, or a norm of gradients or weights, is NaN or infinite",
} as const satisfies Record<string, string>;
export type RunFlag = keyof typeof runFlags;
export const runFlag = z.enum(["diverged"]);
