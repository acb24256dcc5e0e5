import type { ImportDecisions, ImportProposal, Parameters, RunFacts } from "@reprise/contracts";
import { z } from "zod";
import { configurationLabels } from "../design/configuration-labels.js";
import { armNames, unstatedArm } from "./arm-column.js";
import { type ChosenColumns, columnsWith, configurationOf } from "./chosen-columns.js";
import { type Column, groupedBy, seedIn, valueKey } from "./columns.js";

/** An arm as runs of it are written. */
type PlacedArm = { name: string; deterministic: boolean; value: string };

/** Where a run stands in the design; `cell` names configuration, seed and arm. */
export type Placement = {
  run: RunFacts;
  row: number;
  configuration: string;
  label: string;
  seed: number;
  seedKnown: boolean;
  arm: string;
  repeat: number;
  cell: string;
  leftOut: string | null;
};

export type Placed = { placements: Placement[]; unplaced: RunFacts[]; arms: PlacedArm[] };

/** Why a run is in no analysis, whatever it measured; null where nothing speaks against it. */
function leftOutReason(run: RunFacts, decisions: ImportDecisions): string | null {
  const keepsUnfinished = decisions.unfinished === "keep";
  if (run.doubtful !== null && !keepsUnfinished) return `Doubtful: ${run.doubtful}`;
  const hasDiverged = Object.values(run.metrics).some(({ finite }) => !finite);
  return hasDiverged && decisions.diverged === "leave-out"
    ? "Left out: it has values that are not numbers."
    : null;
}

/** Whether a run ended as a training ends, as far as the source can say. */
export const isComplete = ({ status, doubtful }: RunFacts): boolean =>
  (status === "finished" || status === "unknown") && doubtful === null;

/** A value as a parameter of a run: a list of plain values stays one, anything deeper is kept as its text. */
export function parameterOf(value: Column["values"][number]): Parameters[string] {
  if (value === undefined) return null;
  if (typeof value !== "object" || value === null) return value;
  const flat = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).safeParse(value);
  return flat.success ? flat.data : JSON.stringify(value);
}

/** The values of some columns in a row as parameters; what a run does not have is left out. */
export const parametersOf = (columns: readonly Column[], row: number): Parameters =>
  Object.fromEntries(
    columns.flatMap(({ name, values }) =>
      values[row] === undefined ? [] : [[name, parameterOf(values[row])]],
    ),
  );

/** `optimizer.lr` is `lr` in a label where no other column is, `model.name` is `model`, and a part of a name stands without its place. */
function shortNames(columns: readonly Column[]): Map<string, string> {
  const short = columns.map(({ name }) => {
    const parts = name.split(/[./:[\]]+/).filter((part) => part !== "");
    const last = parts.at(-1) ?? name;
    return last === "name" || last === "type" ? (parts.at(-2) ?? last) : last;
  });
  return new Map(
    columns.map(({ name }, index) => {
      const own = short[index] ?? name;
      return [name, short.filter((other) => other === own).length > 1 ? name : own];
    }),
  );
}

/** A label for every configuration of some rows, made of what varies. */
function labelsOfRows(columns: readonly Column[], configurations: readonly string[]): Map<string, string> {
  const distinct = [...new Set(configurations)];
  const rows = new Map(distinct.map((key) => [key, configurations.indexOf(key)]));
  if (columns.length > 0 && columns.every(({ from }) => from === "name")) {
    const isPlace = (name: string) => /^name\[\d+\]$/.test(name);
    const part = ({ name, values }: Column, row: number) =>
      `${isPlace(name) ? "" : `${name.slice(5, -1)} `}${values[row]}`;
    return new Map(
      [...rows].map(([key, row]) => [key, columns.map((column) => part(column, row)).join(" · ")]),
    );
  }
  const names = shortNames(columns);
  const renamed = columns.map((column) => ({ ...column, name: names.get(column.name) ?? column.name }));
  const labels = configurationLabels([...rows.values()].map((row) => parametersOf(renamed, row)));
  return new Map(distinct.map((key, index) => [key, labels[index] ?? key]));
}

const startOrder = (a: Placement, b: Placement) =>
  (a.run.startedAt ?? "") < (b.run.startedAt ?? "")
    ? -1
    : (a.run.startedAt ?? "") > (b.run.startedAt ?? "")
      ? 1
      : a.row - b.row;

/**
 * Places every run in its cell, with repeats in the order in which they were started (as read, where no start is held).
 *
 * @param runs in the order of the columns' rows
 */
export function placeRuns(
  runs: readonly RunFacts[],
  chosen: ChosenColumns,
  decisions: ImportDecisions,
): Placed {
  const columns = columnsWith(chosen, "configuration");
  const configurations = runs.map((_, row) => configurationOf(columns, row));
  const labelled = labelsOfRows(columns, configurations);
  const { arm, seed } = chosen;
  const oneArm = decisions.deterministic ?? false;
  const isDeterministic = arm?.deterministic ?? (() => oneArm);
  const values = arm ? arm.column.values : [undefined];
  const names = arm ? armNames(values, isDeterministic) : new Map([["absent", oneArm ? "det" : unstatedArm]]);
  const armOf = (row: number) => names.get(valueKey(arm?.column.values[row])) ?? unstatedArm;
  const all = runs.map((run, row): Placement => {
    const own = seed ? seedIn(seed.column.values[row]) : null;
    const configuration = configurations[row] ?? "";
    const armName = armOf(row);
    return {
      ...{ run, row, configuration, label: labelled.get(configuration) ?? "", arm: armName, repeat: 0 },
      seed: own ?? 0,
      seedKnown: own !== null,
      cell: JSON.stringify([configuration, own ?? 0, armName]),
      leftOut: leftOutReason(run, decisions),
    };
  });
  const isPlaced = ({ row, seedKnown }: Placement) =>
    (seed === null || seedKnown) &&
    columns.some(({ values }) => values[row] !== undefined || columns.length === 0);
  const placements = all.filter((own) => columns.length === 0 || isPlaced(own));
  const cells = groupedBy(placements.toSorted(startOrder), ({ cell }) => cell);
  for (const members of cells.values())
    for (const [index, member] of members.entries()) member.repeat = index;
  const kept = new Set(placements.map(({ row }) => row));
  const keys = new Map(values.map((value) => [valueKey(value), value]));
  return {
    placements,
    unplaced: runs.filter((_, row) => !kept.has(row)),
    // What is to repeat comes first, as in every study.
    arms: [...names]
      .map(([key, name]) => ({ name, value: key, deterministic: isDeterministic(keys.get(key)) }))
      .toSorted((a, b) => Number(b.deterministic) - Number(a.deterministic)),
  };
}

/** The cells with the number of their runs, in the order of configurations as read. */
export function cellsOfPlaced(placements: readonly Placement[]): ImportProposal["cells"] {
  return [...groupedBy(placements, ({ cell }) => cell).values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const { label, seed, arm } = first;
    const complete = members.filter(({ run, leftOut }) => isComplete(run) && leftOut === null).length;
    return [{ configuration: label, seed, arm, runs: members.length, complete }];
  });
}

/** In how many cells of an arm with two and more complete runs these are equal in every logged value. */
export function equalCellsOf(
  placements: readonly Placement[],
  arm: string,
): { repeated: number; equal: number } {
  const own = placements.filter((placed) => placed.arm === arm && isComplete(placed.run));
  const repeated = [...groupedBy(own, ({ cell }) => cell).values()].filter((members) => members.length > 1);
  const equal = repeated.filter((members) => new Set(members.map(({ run }) => run.valuesDigest)).size === 1);
  return { repeated: repeated.length, equal: equal.length };
}
