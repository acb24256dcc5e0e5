import {
  type Arm,
  armsOf,
  looksOf,
  modeOf,
  type Parameters,
  type PlannedRun,
  type SweepSpec,
  seedsOf,
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
 * Of a sequential study these are the runs of all its seeds, those of an earlier look first: a look adds runs behind the
 * former ones, and {@link expandLook} says which.
 *
 * Keys depend on configuration, seed, arm and repeat alone. Throws {@link SweepDesignError} when the design cannot be
 * expanded, and its subtype {@link SweepTooLargeError} before anything is built when there would be too many runs.
 */
export function expandSweep(spec: SweepSpec): PlannedRun[] {
  const arms = armsOf(spec);
  const blocks = Math.max(...arms.map((arm) => arm.repeats));
  const planned = configurationsOf(spec).flatMap(({ key, label, labelGiven, params }) =>
    seedsOf(spec).flatMap((seed, place) =>
      arms.flatMap((arm) => {
        const offset = fractionFrom({ orderSeed: spec.orderSeed, configuration: key, seed, arm: arm.name });
        return Array.from({ length: arm.repeats }, (_, repeat) => ({
          look: lookOf(spec, place),
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
  const inOrder =
    spec.order === "listed"
      ? planned.toSorted((a, b) => a.look - b.look)
      : planned
          .map((one) => ({ ...one, lot: digestOf({ orderSeed: spec.orderSeed, run: one.run.key }) }))
          .sort((a, b) => a.look - b.look || a.block - b.block || (a.lot < b.lot ? -1 : 1));
  return inOrder.map(({ run }, position) => ({ ...run, position }));
}

/** The look that the seed in this place is trained for, from 0; all of them at once without a sequential design. */
function lookOf({ design }: SweepSpec, place: number): number {
  return design ? looksOf(design).findIndex((seeds) => place < seeds) : 0;
}

/** The runs that a study has when it looks for the `look`th time, from 0: all runs without a sequential design. */
export function expandLook(spec: SweepSpec, look: number): PlannedRun[] {
  const runs = expandSweep(spec);
  if (!spec.design) return runs;
  const seeds = new Set(seedsOf(spec).slice(0, looksOf(spec.design)[look]));
  return runs.filter(({ seed }) => seeds.has(seed));
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
