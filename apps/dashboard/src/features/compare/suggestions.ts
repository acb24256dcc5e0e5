import { conditionText, defaultArm, type RunGroups, runField, type Sweep } from "@reprise/contracts";
import type { ComparedGroup } from "./groups-editor.js";

/** A comparison that the design of a sweep asks for; `arm` is the one whose runs are compared, null where there is one arm. */
export type Suggestion = { name: string; groups: ComparedGroup[]; arm: string | null };

type Designed = Pick<Sweep, "spec">;
type Grouped = { groups: readonly Pick<RunGroups["groups"][number], "by">[] };
type GroupedArms = { groups: readonly Pick<RunGroups["groups"][number], "by" | "n" | "cells">[] };

const maxGroups = 20;

const isSimple = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);

/** Levels of every hyperparameter that differs between configurations, where they can be written into a filter. */
function variedLevels({ search }: Designed["spec"]): [string, (string | number | boolean)[]][] {
  const configurations: Record<string, unknown>[] = "configurations" in search ? search.configurations : [];
  const names = new Set(configurations.flatMap((configuration) => Object.keys(configuration)));
  names.delete("label");
  const listed = [...names].map((name): [string, unknown[]] => [
    name,
    configurations.map((one) => one[name]),
  ]);
  const gridded = "parameters" in search ? Object.entries(search.parameters) : [];
  return [...listed, ...gridded].flatMap(([name, given]) => {
    if (!Array.isArray(given)) return [];
    const levels = [...new Set(given)].filter(isSimple);
    const isComplete = levels.length === new Set(given).size;
    return isComplete && levels.length > 1 && levels.length <= maxGroups ? [[name, levels]] : [];
  });
}

const byField = (found: Grouped, field: string): ComparedGroup[] =>
  found.groups.slice(0, maxGroups).map((group) => {
    const name = String(group.by[field]);
    return { name: name.slice(0, 80), filter: conditionText(runField(field), name) };
  });

/**
 * What a sweep was made to compare: its configurations, its arms, and each hyperparameter that it varies. Where there are several
 * arms, configurations and hyperparameters are compared in the one that the analyses of configurations take, too.
 */
export function suggestionsOf(sweep: Designed, configurations: Grouped, arms: GroupedArms): Suggestion[] {
  const found = arms.groups.map(({ by, n, cells }) => ({ arm: String(by.arm), runs: n, cells }));
  const arm = found.length > 1 ? defaultArm(sweep.spec, found) : null;
  const inArm = ({ name, filter }: ComparedGroup): ComparedGroup => ({
    name,
    filter: arm === null ? filter : `${filter} and ${conditionText(runField("arm"), arm)}`,
  });
  const all: Suggestion[] = [
    { name: "configurations", groups: byField(configurations, "configurationLabel").map(inArm), arm },
    { name: "arms", groups: byField(arms, "arm"), arm: null },
    ...variedLevels(sweep.spec).map(([name, levels]) => ({
      name,
      arm,
      groups: levels.map((level) =>
        inArm({
          name: `${name} ${level}`.slice(0, 80),
          filter: conditionText({ kind: "param", name }, level),
        }),
      ),
    })),
  ];
  return all.filter(({ groups }) => groups.length > 1);
}
