import {
  canonicalJson,
  clipped,
  effectiveValues,
  type Parameters,
  type Run,
  type SweepSpec,
  type TrainerCapabilities,
  whyUnused,
} from "@reprise/contracts";
import type { Configuration } from "./expand-sweep.js";

/** Without what is null, which is unset. */
const setOnly = (params: Parameters): Parameters =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));

/** What a trainer would train with: its defaults where nothing is set, without what has no effect beside the rest. */
function inEffect(params: Parameters, trainer: TrainerCapabilities | undefined, task: string): Parameters {
  if (!trainer) return setOnly(params);
  const values = effectiveValues(trainer.hyperparameters, params);
  const unknown = Object.entries(params).filter(([name]) => !(name in values));
  const used = Object.entries(values).filter(([name]) => {
    const rule = trainer.hyperparameters[name];
    return rule && whyUnused(rule, values, task) === null;
  });
  return setOnly(Object.fromEntries([...used, ...unknown]));
}

/** Groups of two or more items that are equal by that document. */
function alike<T>(items: readonly T[], documentOf: (item: T) => unknown): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const text = canonicalJson(documentOf(item));
    groups.set(text, [...(groups.get(text) ?? []), item]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Labels that are named of a group, and groups that are named. */
const mostNamed = 4;

const listed = (labels: readonly string[]) => {
  const shown = labels.slice(0, mostNamed).map((label) => `"${clipped(label, 64)}"`);
  const more = labels.length - shown.length;
  return more > 0
    ? `${shown.join(", ")} and ${more} more`
    : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
};

/** Planned configurations that are one in effect, in groups, by the defaults that the trainer announced. */
export function plannedAlike(
  spec: SweepSpec,
  configurations: readonly Configuration[],
  trainer: TrainerCapabilities | undefined,
): Configuration[][] {
  return alike(configurations, ({ params }) => inEffect(params, trainer, spec.task));
}

/** Says of planned configurations which are one in effect. */
export function alikeWarnings(
  groups: readonly Configuration[][],
  trainer: TrainerCapabilities | undefined,
): string[] {
  const by = trainer ? `the defaults of trainer ${trainer.name}` : "null meaning unset";
  return groups
    .slice(0, mostNamed)
    .map(
      (group) =>
        `${listed(group.map(({ label }) => label))} are one configuration in effect, by ${by}: their runs are repeats, and differences between them are not an effect of a hyperparameter.`,
    );
}

/**
 * Says of configurations that were trained which are one in effect: the hyperparameters that their trainer reported are equal, or,
 * where none reported any, those that were given, null being unset.
 */
export function alikeNotes(runs: readonly Run[]): string[] {
  const configurations = [...new Map(runs.map((run) => [run.configurationKey, run])).values()];
  const documentOf = ({ trainer, dataset, effectiveParams, params }: Run) => ({
    ...{ trainer, dataset, reported: effectiveParams !== null },
    params: setOnly(effectiveParams ?? params),
  });
  return alike(configurations, documentOf)
    .slice(0, mostNamed)
    .map((group) => {
      const how = group[0]?.effectiveParams
        ? "the trainer reports equal hyperparameters"
        : "null means unset";
      return `${listed(group.map(({ configurationLabel }) => configurationLabel))} are one configuration in effect (${how}): differences between them are not an effect of a hyperparameter.`;
    });
}
