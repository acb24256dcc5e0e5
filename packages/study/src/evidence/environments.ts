import { canonicalJson, type Environment, isSetByArm, type Run } from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";

type Values = Environment["values"];
type InEnvironment = Pick<Run, "arm" | "environmentId">;

/** What the environments of runs have in common, and what not. */
export type EnvironmentCount = {
  runs: number;
  /** Runs of which no environment is recorded. */
  unrecorded: number;
  /** Ids of recorded environments that differ in nothing but what the arms set; one list an environment. */
  environments: string[][];
  /** What Reprise sets per arm, equal within each arm and unequal between them: the treatment. */
  treatment: string[];
  /** Values that differ otherwise. */
  differing: string[];
};

/** Values of a key that runs of each arm have, as JSON. */
function byArm(runs: readonly InEnvironment[], known: ReadonlyMap<string, Values>, key: string) {
  const arms = new Map<string, Set<string>>();
  for (const { arm, environmentId } of runs) {
    const values = environmentId === null ? undefined : known.get(environmentId);
    if (!values) continue;
    arms.set(arm, (arms.get(arm) ?? new Set()).add(canonicalJson(values[key] ?? null)));
  }
  return [...arms.values()];
}

/**
 * Counts the environments of runs. What the arms set is no difference of the environment, as long as all runs of an arm have
 * it alike; a run without an environment is counted as such and stands for none. Environments whose values are not known are
 * told apart by their digests.
 */
export function countEnvironments(
  runs: readonly InEnvironment[],
  known: ReadonlyMap<string, Values> = new Map(),
): EnvironmentCount {
  const ids = [...new Set(runs.flatMap(({ environmentId }) => environmentId ?? []))];
  const keys = [...new Set(ids.flatMap((id) => Object.keys(known.get(id) ?? {})))].sort();
  const unequal = keys.filter((key) => new Set(byArm(runs, known, key).flatMap((arm) => [...arm])).size > 1);
  const treatment = unequal.filter(
    (key) => isSetByArm(key) && byArm(runs, known, key).every((values) => values.size === 1),
  );
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const values = known.get(id);
    const own =
      values && Object.entries(values).filter(([key, value]) => value !== null && !treatment.includes(key));
    const name = own ? canonicalJson(Object.fromEntries(own)) : id;
    groups.set(name, [...(groups.get(name) ?? []), id]);
  }
  return {
    runs: runs.length,
    unrecorded: runs.filter(({ environmentId }) => environmentId === null).length,
    environments: [...groups.values()],
    treatment,
    differing: unequal.filter((key) => !treatment.includes(key)),
  };
}

/** "one environment", "2 environments, recorded for 5 of 8 runs", "environment not recorded". */
export function environmentWords({ runs, unrecorded, environments }: EnvironmentCount): string {
  if (environments.length === 0) return "environment not recorded";
  const number = environments.length === 1 ? "one environment" : `${environments.length} environments`;
  return unrecorded === 0 ? number : `${number}, recorded for ${runs - unrecorded} of ${runs} runs`;
}

/** What a whole environment tells of, and by which keys it is seen. Drivers are there to be told where there is a GPU. */
const parts: readonly [name: string, seen: RegExp][] = [
  ["hardware", /^(cpu|memory)\.|gpu(\.|$)|^(device|machine|accelerator)/i],
  ["operating system", /^(os|libc)\.|platform|kernel/i],
  ["drivers", /driver|cuda(\.version)?$|cudnn$|rocm/i],
  ["libraries", /version|^(tfjs|torch|numpy|jax|python|tensorflow|keras|trainer$)|code\.lock/i],
  ["code", /^code\.(files|commit|dirty)|commit|^git/i],
];

/** Parts of an environment of which a record tells nothing: among hardware, operating system, drivers, libraries and code. */
export function missingParts(values: Values): string[] {
  const told = Object.entries(values).filter(([, value]) => value !== null);
  const hasGpu = told.some(([key, value]) => /gpu/i.test(key) && value !== 0 && value !== false);
  return parts
    .filter(([name]) => name !== "drivers" || hasGpu)
    .filter(([, seen]) => !told.some(([key]) => seen.test(key)))
    .map(([name]) => name);
}

/** What environments leave out, as a sentence; null where each tells of everything. */
export function partialEnvironmentSentence(
  environments: readonly Pick<Environment, "values">[],
): string | null {
  const missing = environments.map(({ values }) => missingParts(values)).filter(({ length }) => length > 0);
  if (missing.length === 0) return null;
  const names = parts.map(([name]) => name).filter((name) => missing.some((one) => one.includes(name)));
  const which =
    missing.length === environments.length
      ? environments.length === 1
        ? "The recorded environment says"
        : "The recorded environments say"
      : `${counted(missing.length, "recorded environment says", "recorded environments say")}`;
  return `${which} nothing about ${joinWords(names)}, so differences there are not visible.`;
}
