import {
  type AnnouncedTrainer,
  type ComparisonResult,
  canonicalJson,
  type Page,
  pageOf,
  type Run,
  run,
  type Sweep,
} from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi } from "./client.js";

/** Runs of an imported study, as many as one page holds. */
export const importedRunsQuery = (sweepId: string) =>
  queryOptions({
    queryKey: ["sweep", sweepId, "imported runs"],
    queryFn: ({ signal }) => callApi(pageOf(run), `/runs?sweepId=${sweepId}&limit=1000`, { signal }),
  });

type ImportedRun = Pick<
  Run,
  "configurationKey" | "configurationLabel" | "params" | "seed" | "arm" | "status" | "excludedReason"
>;
type Trainer = Pick<AnnouncedTrainer["capabilities"], "name" | "hyperparameters">;

export type MissingCells = {
  trainer: string;
  /** Combinations of configuration, seed and arm without a complete run. */
  cells: number;
  /** A study that trains them; where they form no rectangle, some others as well. */
  spec: Record<string, unknown> & { name: string };
};

const cellOf = ({ configurationKey, seed, arm }: Pick<ImportedRun, "configurationKey" | "seed" | "arm">) =>
  canonicalJson([configurationKey, seed, arm]);

const isComplete = ({ status, excludedReason }: Pick<ImportedRun, "status" | "excludedReason">) =>
  status === "succeeded" && excludedReason === null;

/** How many comparisons of configurations could not be made because their runs are at different seeds. */
export function withoutSharedSeeds(
  {
    arm,
    comparisons,
  }: {
    arm: string;
    comparisons: readonly Pick<ComparisonResult, "a" | "b" | "design">[];
  },
  runs: readonly Omit<ImportedRun, "configurationKey" | "params">[],
): number {
  const seedsOf = (label: string) =>
    canonicalJson(
      [
        ...new Set(
          runs
            .filter((own) => own.configurationLabel === label && own.arm === arm && isComplete(own))
            .map(({ seed }) => seed),
        ),
      ].toSorted((a, b) => a - b),
    );
  return comparisons.filter(({ a, b, design }) => design === "none" && seedsOf(a) !== seedsOf(b)).length;
}

/**
 * What an imported study lacks, as a study that a trainer of this server can train; null where nothing is missing, where no trainer has a
 * hyperparameter for every column of the configuration, and where there are more runs than a page holds.
 */
export function missingCells(
  { name, spec, origin }: Pick<Sweep, "name" | "spec" | "origin">,
  { items, nextCursor }: Pick<Page<ImportedRun>, "items" | "nextCursor">,
  trainers: readonly { capabilities: Trainer }[],
): MissingCells | null {
  const columns = origin?.design.configuration ?? [];
  const trainer = trainers
    .map(({ capabilities }) => capabilities)
    .find(({ hyperparameters }) => columns.every((column) => column in hyperparameters));
  if (!trainer || columns.length === 0 || nextCursor !== null) return null;
  const complete = new Set(items.filter(isComplete).map(cellOf));
  const configurations = [...new Map(items.map((own) => [own.configurationKey, own])).values()];
  const lacking = configurations.flatMap((own) =>
    spec.seeds.flatMap((seed) =>
      (spec.arms ?? []).flatMap(({ name: arm }) => {
        const cell = { configurationKey: own.configurationKey, seed, arm };
        return complete.has(cellOf(cell)) ? [] : [{ ...cell, own }];
      }),
    ),
  );
  if (lacking.length === 0) return null;
  const known = (params: ImportedRun["params"]) =>
    Object.fromEntries(Object.entries(params).filter(([key]) => key in trainer.hyperparameters));
  const wanted = [...new Set(lacking.map(({ own }) => own))];
  const [first] = wanted;
  const base = Object.entries(known(first?.params ?? {})).filter(([key, value]) =>
    wanted.every(({ params }) => canonicalJson(params[key] ?? null) === canonicalJson(value)),
  );
  const shared = new Set(base.map(([key]) => key));
  const used = new Set(lacking.map(({ arm }) => arm));
  return {
    trainer: trainer.name,
    cells: lacking.length,
    spec: {
      name: `${name}: missing cells`,
      description: `Cells that the imported study ${name} lacks, trained here. It is not known whether this trainer does what the program of those runs did: compare a cell that both have.`,
      trainer: trainer.name,
      dataset: spec.dataset,
      base: Object.fromEntries(base),
      search: {
        method: "list",
        configurations: wanted.map(({ configurationLabel, params }) => ({
          label: configurationLabel,
          ...Object.fromEntries(Object.entries(known(params)).filter(([key]) => !shared.has(key))),
        })),
      },
      seeds: [...new Set(lacking.map(({ seed }) => seed))].toSorted((a, b) => a - b),
      arms: (spec.arms ?? []).filter(({ name: arm }) => used.has(arm)),
    },
  };
}
