import {
  type Arm,
  armsOf,
  modeOf,
  type Parameters,
  type PlannedRun,
  type SweepSpec,
} from "@reprise/contracts";
import { configurationLabels } from "./configuration-labels.js";
import { configurationKey, digestOf, runKey } from "./digests.js";
import { drawSample, gridValues } from "./search-values.js";
import { assertExpandable, SweepDesignError } from "./sweep-design.js";

/** One set of hyperparameters, with its place in the order in which the spec names them. */
export type Configuration = { key: string; label: string; labelGiven: boolean; params: Parameters };

function gridOf({ base, search }: SweepSpec): Parameters[] {
  if (search.method !== "grid") return [];
  // Sorted names: the same grid in the same order, whatever the order of keys in the document.
  return Object.entries(search.parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .reduce<Parameters[]>(
      (grid, [name, values]) =>
        grid.flatMap((params) => (gridValues(values) ?? []).map((value) => ({ ...params, [name]: value }))),
      [{ ...base }],
    );
}

function samplesOf({ base, search }: SweepSpec): Parameters[] {
  if (search.method !== "random" && search.method !== "sobol") return [];
  const samples = new Map<string, Parameters>();
  // Enough draws to collect every one of 20,000 equally likely configurations (n ln n) several times over.
  const maxDraws = 60 * search.samples + 10_000;
  for (let index = 0; samples.size < search.samples && index < maxDraws; index++) {
    const params = { ...base, ...drawSample(search, index) };
    const key = digestOf(params);
    if (!samples.has(key)) samples.set(key, params);
  }
  if (samples.size < search.samples) {
    throw new SweepDesignError([
      {
        path: "search.samples",
        message: `only ${samples.size} different configurations turned up in ${maxDraws} draws`,
        value: String(search.samples),
        suggestion: "Ask for fewer samples, widen the ranges, or use a grid.",
      },
    ]);
  }
  return [...samples.values()];
}

/** The configurations of a sweep, with keys and labels. Throws {@link SweepDesignError} like {@link expandSweep}. */
export function configurationsOf(spec: SweepSpec): Configuration[] {
  assertExpandable(spec);
  const listed =
    spec.search.method === "list"
      ? spec.search.configurations.map(({ label, ...params }) => ({
          label,
          params: { ...spec.base, ...params },
        }))
      : [...gridOf(spec), ...samplesOf(spec)].map((params) => ({ label: undefined, params }));
  const labels = configurationLabels(
    listed.map(({ params }) => params),
    listed.map(({ label }) => label),
  );
  return listed.map(({ label, params }, index) => ({
    key: configurationKey(params),
    label: labels[index] ?? configurationKey(params),
    labelGiven: label !== undefined,
    params,
  }));
}

/**
 * The block of a repeat. An arm with fewer repeats than the longest has them spread over all blocks, evenly, from a start
 * that `offset` (in [0, 1), drawn for each cell) decides: were it always the first block, a single deterministic run would
 * share the state of the machine at the beginning with all others of its arm, and wall times would compare two hours.
 */
function blockOf(repeat: number, offset: number, { arm, blocks }: { arm: Arm; blocks: number }): number {
  return Math.floor(((repeat + offset) * blocks) / arm.repeats);
}

/** A number in [0, 1) from 52 bits of the digest of a document. */
function fractionFrom(document: unknown): number {
  return Number.parseInt(digestOf(document).slice(0, 13), 16) / 2 ** 52;
}

/**
 * All runs of a sweep: configurations × seeds × arms × repeats, in the order in which they shall be started.
 *
 * `randomized-blocks`: one block per repeat, holding that repeat of every configuration, seed and arm in an order drawn
 * from `orderSeed`, so that slow changes of the machine (heat, load) fall on all arms alike. An arm with fewer repeats
 * than the longest has them spread evenly over the blocks, from a drawn start. `listed`: configuration by configuration,
 * seed by seed, arm by arm, as written.
 *
 * Keys depend on configuration, seed, arm and repeat alone. Throws {@link SweepDesignError} when the design cannot be
 * expanded, and its subtype {@link SweepTooLargeError} before anything is built when there would be too many runs.
 */
export function expandSweep(spec: SweepSpec): PlannedRun[] {
  const arms = armsOf(spec);
  const blocks = Math.max(...arms.map((arm) => arm.repeats));
  const planned = configurationsOf(spec).flatMap(({ key, label, labelGiven, params }) =>
    spec.seeds.flatMap((seed) =>
      arms.flatMap((arm) => {
        const offset = fractionFrom({ orderSeed: spec.orderSeed, configuration: key, seed, arm: arm.name });
        return Array.from({ length: arm.repeats }, (_, repeat) => ({
          block: blockOf(repeat, offset, { arm, blocks }),
          run: {
            key: runKey({ params, seed, arm: arm.name, repeat }),
            configurationKey: key,
            configurationLabel: label,
            labelGiven,
            params,
            seed,
            mode: modeOf(arm.execution),
            arm: arm.name,
            execution: arm.execution,
            noise: spec.noise,
            repeat,
          },
        }));
      }),
    ),
  );
  if (spec.order === "listed") return planned.map(({ run }, position) => ({ ...run, position }));
  return planned
    .map(({ block, run }) => ({
      block,
      run,
      lot: digestOf({ orderSeed: spec.orderSeed, run: run.key }),
    }))
    .sort((a, b) => a.block - b.block || (a.lot < b.lot ? -1 : 1))
    .map(({ run }, position) => ({ ...run, position }));
}

/**
 * The runs that an extended spec has and the sweep lacks, placed after `firstPosition - 1`. Keys of existing runs do not
 * change when seeds, repeats or configurations are added, so nothing is planned twice.
 */
export function expandExtension(
  extended: SweepSpec,
  existingKeys: ReadonlySet<string>,
  firstPosition: number,
): PlannedRun[] {
  return expandSweep(extended)
    .filter(({ key }) => !existingKeys.has(key))
    .map((run, index) => ({ ...run, position: firstPosition + index }));
}
