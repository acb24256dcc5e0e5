import {
  type AnnouncedTrainer,
  analysisPlan,
  arm,
  canonicalJson,
  type DatasetInfo,
  givenParameters,
  type Hyperparameter,
  keepThumbnails,
  type MetricInfo,
  modes,
  noise,
  parameterValue,
  type SweepSpec,
  type SweepSpecInput,
  search,
  seedList,
  sequentialDesign,
  sweepSpec,
  task,
} from "@reprise/contracts";
import { z } from "zod";

const looseRange = z.object({
  min: z.number().catch(0),
  max: z.number().catch(0),
  scale: z.enum(["linear", "log"]).catch("linear"),
  integer: z.boolean().catch(false),
  steps: z.number().optional().catch(undefined),
});
const looseValues = z.record(z.string(), z.union([z.array(parameterValue), looseRange])).catch({});

/** A search that is being written: a range whose ends are the wrong way round for a moment keeps its fields. */
const looseSearch = z.union([
  search,
  z.object({ method: z.literal("grid"), parameters: looseValues }),
  z.object({
    method: z.literal("random"),
    parameters: looseValues,
    samples: z.number().catch(1),
    seed: z.number().catch(0),
  }),
  z.object({
    method: z.literal("sobol"),
    parameters: looseValues,
    samples: z.number().catch(1),
    skip: z.number().catch(0),
  }),
]);

/** The document as the form sees it: whatever cannot be read yet stands at a default, the text keeps what was typed. */
const draft = z.object({
  name: z.coerce.string().catch(""),
  trainer: z.string().catch("tfjs"),
  dataset: z
    .union([z.string().transform((name) => ({ name })), z.looseObject({ name: z.string() })])
    .catch({ name: "" }),
  task: task.catch("classification"),
  base: givenParameters.catch({}),
  search: looseSearch.catch({ method: "grid", parameters: {} }),
  seeds: z.union([z.array(z.number()), seedList]).catch([]),
  modes: modes.optional().catch(undefined),
  noise: noise.prefault({}).catch(noise.parse({})),
  keepThumbnails: keepThumbnails.optional().catch(undefined),
  arms: z.array(arm).optional().catch(undefined),
  analysisPlan: analysisPlan.optional().catch(undefined),
  design: sequentialDesign.optional().catch(undefined),
});
export type Draft = z.infer<typeof draft>;

export function draftOf(value: unknown): Draft {
  return draft.parse(typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
}

/** Changes one place of the document. */
export type Edit = (path: readonly (string | number)[], value: unknown) => void;

/** What an editor of a part of the document is given. */
export type EditorProps = {
  draft: Draft;
  announced: Announced;
  dataset: DatasetInfo | undefined;
  edit: Edit;
};

/** What a sweep starts from when no preset is chosen. */
export const blankSpec: SweepSpecInput = {
  name: "My study",
  trainer: "tfjs",
  dataset: "wdbc",
  base: { epochs: 20, batchSize: 64, learningRate: 0.01 },
  search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } },
  analysisPlan: { primaryMetric: "testAccuracy", contrasts: ["mode"], margin: { testAccuracy: 0.01 } },
};

export type Announced = {
  hyperparameters: Record<string, Hyperparameter>;
  /** None where its program reports what it will, and where nobody has announced the trainer. */
  metrics: MetricInfo[];
  /** None where its program reads its own; null where nobody has announced the trainer. */
  datasets: readonly string[] | null;
};

export function announcedBy(trainers: readonly AnnouncedTrainer[], name: string): Announced {
  const capabilities = trainers.find((trainer) => trainer.capabilities.name === name)?.capabilities;
  return {
    hyperparameters: capabilities?.hyperparameters ?? {},
    metrics: capabilities?.metrics ?? [],
    datasets: capabilities?.datasets.map((dataset) => dataset.name) ?? null,
  };
}

/** A spec as a person would write it: what only repeats the schema's defaults is left out. */
export function shortened(spec: SweepSpec): Partial<SweepSpec> & { name: string } {
  const plain: Partial<SweepSpec> = sweepSpec.parse({ name: spec.name, dataset: spec.dataset });
  const kept = Object.entries(spec).filter(
    ([key, value]) =>
      key === "name" ||
      key === "dataset" ||
      canonicalJson(value) !== canonicalJson(plain[sweepSpec.keyof().parse(key)] ?? null),
  );
  return { name: spec.name, ...Object.fromEntries(kept) };
}
