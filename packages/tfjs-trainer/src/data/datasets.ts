import { join, resolve } from "node:path";
import { type DatasetInfo, didYouMean } from "@reprise/contracts";
import { userError } from "../program/errors.js";
import { bundledSources } from "./datasets/bundled.js";
import type { CachedDataset, DataFolders, Dataset, ReadOptions } from "./datasets/dataset.js";
import type { DatasetSource } from "./datasets/dataset-source.js";
import { declarationFile, declarationHint } from "./datasets/declaration.js";
import { declaredSources } from "./datasets/declared.js";
import { exists } from "./datasets/files.js";
import { imageSource } from "./datasets/image-source.js";
import type { PairSet } from "./datasets/image-text/pair-set.js";
import { cbisDdsm, cbisDdsmFacts } from "./datasets/loaders/cbis-ddsm.js";
import { cifar10, cifar10Facts } from "./datasets/loaders/cifar10.js";
import { lc25000, lc25000Facts } from "./datasets/loaders/lc25000.js";
import { patchCamelyon, patchCamelyonFacts } from "./datasets/loaders/patch-camelyon.js";
import { sdnet2018, sdnet2018Facts } from "./datasets/loaders/sdnet2018.js";

export type { DataFolders, Dataset } from "./datasets/dataset.js";

/**
 * Where data are, from the environment: `REPRISE_DATA` holds what users bring; decoded sets are cached in `REPRISE_CACHE`, or
 * else in its folder `.reprise-cache`.
 */
export function dataFolders(bundled: string, environment: NodeJS.ProcessEnv): DataFolders {
  const root = environment.REPRISE_DATA ? resolve(environment.REPRISE_DATA) : null;
  const cache = environment.REPRISE_CACHE ?? (root && join(root, ".reprise-cache"));
  return { bundled, root, cache: cache ? resolve(cache) : null };
}

/** Sets of the studies' fields that have a loader of their own. */
function knownSources(root: string, cache: string | null): DatasetSource[] {
  return [
    imageSource(cifar10Facts, cifar10(root), cache),
    imageSource(sdnet2018Facts, sdnet2018(root), cache),
    ...(["cbis-ddsm", "cbis-ddsm-lesions"] as const).map((name) =>
      imageSource(cbisDdsmFacts(name), cbisDdsm(root, name), cache),
    ),
    ...(["lc25000", "lc25000-lung", "lc25000-colon"] as const).map((name) =>
      imageSource(lc25000Facts(name), lc25000(root, name), cache),
    ),
    imageSource(patchCamelyonFacts, patchCamelyon(root), cache),
  ];
}

const noRoot = "REPRISE_DATA";

/** Every data set by name: bundled, known and declared ones. */
async function allSources({ bundled, root, cache }: DataFolders): Promise<DatasetSource[]> {
  const fixed = [...bundledSources(bundled), ...knownSources(root ?? noRoot, cache)];
  const taken = new Set(fixed.map(({ facts }) => facts.name));
  const declared = root === null ? [] : await declaredSources(root, cache);
  return [...fixed, ...declared.filter(({ facts }) => !taken.has(facts.name))];
}

/** Why a set cannot be used, with the way out; null when it can. */
async function absenceOf(
  source: DatasetSource,
  folders: DataFolders,
  sources: readonly DatasetSource[],
): Promise<string | null> {
  const absence = (await source.absence()) ?? (await questionProblem(source, sources));
  if (absence === null || folders.root !== null) return absence;
  return `Set REPRISE_DATA to the folder of your data sets where the worker is started. ${absence}`;
}

/** Why a question that a set declares cannot be asked, with the way out; null when all can. */
async function questionProblem(
  { facts: { name: own }, pairs }: DatasetSource,
  sources: readonly DatasetSource[],
): Promise<string | null> {
  for (const { dataset, labels } of pairs?.questions ?? []) {
    const source = sources.find(({ facts }) => facts.name === dataset);
    const wrong = (problem: string) => `${declarationFile} of ${own}, zeroShot: ${problem}`;
    if (!source) {
      const known = sources.filter(({ facts }) => facts.classes.length > 0).map(({ facts }) => facts.name);
      return wrong(`there is no data set "${dataset}". ${didYouMean(dataset, known)}`);
    }
    const { classes } = source.facts;
    const absence = await source.absence();
    if (absence !== null) return wrong(`data set ${dataset} cannot be used. ${absence}`);
    const stranger = Object.keys(labels).find((label) => !classes.includes(label));
    if (stranger !== undefined)
      return wrong(`"${stranger}" is not a class of ${dataset}. ${didYouMean(stranger, classes)}`);
    const unnamed = classes.find((name) => Object.keys(labels).length > 0 && !labels[name]);
    if (unnamed !== undefined) return wrong(`labels say nothing for class "${unnamed}" of ${dataset}.`);
  }
  return null;
}

/**
 * A data set that can be read. Throws a user error naming the nearest known set for an unknown name, where to get and put an absent one,
 * and the file and place of damage for a damaged one.
 */
async function sourceOf(name: string, folders: DataFolders): Promise<DatasetSource> {
  const sources = await allSources(folders);
  const source = sources.find(({ facts }) => facts.name === name);
  if (!source) {
    const { root } = folders;
    if (root !== null && (await exists(join(root, name)))) {
      throw userError(
        `${join(root, name)} does not say what it holds.`,
        `Put a file ${declarationFile} there: ${declarationHint}`,
      );
    }
    throw userError(
      `Unknown dataset "${name}".`,
      didYouMean(
        name,
        sources.map(({ facts }) => facts.name),
      ),
    );
  }
  const absence = await absenceOf(source, folders, sources);
  if (absence !== null) throw userError(`Data set ${name} cannot be used.`, absence);
  return source;
}

const silent: ReadOptions = { imageSize: null, report: () => {}, warn: () => {} };

/** Reads a data set. Throws a user error naming what is absent or damaged, and the way out. */
export async function loadDataset(
  name: string,
  folders: DataFolders,
  options: ReadOptions = silent,
): Promise<Dataset> {
  return (await sourceOf(name, folders)).read(options);
}

/** As `loadDataset`, with the pixels in a file where that can be: for sets of which little is looked at at a time. */
export async function loadCachedDataset(
  name: string,
  folders: DataFolders,
  options: ReadOptions,
): Promise<Dataset | CachedDataset> {
  const source = await sourceOf(name, folders);
  return (await source.readCached?.(options)) ?? source.read(options);
}

/** Reads the pairs of a data set of images with captions; null for a set of another kind. */
export async function loadPairs(
  name: string,
  folders: DataFolders,
  options: ReadOptions = silent,
): Promise<PairSet | null> {
  return (await (await sourceOf(name, folders)).pairs?.read(options)) ?? null;
}

/** What is asked of models that are trained on the declared sets of images with captions. */
export async function describeQuestions(
  folders: DataFolders,
): Promise<{ name: string; dataset: string; binary: boolean }[]> {
  const sources = await allSources(folders);
  const questions = new Map(
    sources
      .flatMap(({ pairs }) => pairs?.questions ?? [])
      .map(({ name, dataset }) => {
        const asked = sources.find(({ facts }) => facts.name === dataset);
        return [name, { name, dataset, binary: typeof asked?.facts.positiveClass === "number" }];
      }),
  );
  return [...questions.values()];
}

/** All sets as they are announced, whether here or not. Nothing but the bundled ones is read for it. */
export async function describeDatasets(folders: DataFolders): Promise<DatasetInfo[]> {
  const sources = await allSources(folders);
  return Promise.all(
    sources.map(async (source) => {
      const hint = await absenceOf(source, folders, sources);
      const digest = hint === null ? await source.digest() : null;
      const { subgroups = [], ...facts } = source.facts;
      return { ...facts, subgroups, available: hint === null, hint, digest };
    }),
  );
}
