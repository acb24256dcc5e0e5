import type { ForeignValue } from "@reprise/contracts";
import { type ArmPolarity, armPolarity } from "./column-names.js";
import { type Column, distinctOf, valueKey } from "./columns.js";

/** A column whose values are ways of execution. Runs' names are never asked: they say what somebody meant, not what ran. */
export type ArmChoice = { column: Column; polarity: ArmPolarity; because: string };

/** More values than this are no arms. */
const mostArms = 6;

/** The column that says how runs were executed: by its name, a parameter before a tag; one that is the same in all runs only as a parameter. */
export function armColumn(columns: readonly Column[]): ArmChoice | null {
  const order: ArmPolarity[] = ["deterministic", "named", "free"];
  const [first] = columns
    .flatMap((column) => {
      const polarity = column.from === "name" ? null : armPolarity(column.name);
      const distinct = distinctOf(column);
      const isOne = distinct === 1 && (column.from === "tag" || polarity === "free");
      return polarity === null || distinct > mostArms || isOne ? [] : [{ column, polarity, distinct }];
    })
    .toSorted(
      (a, b) =>
        Number(b.distinct > 1) - Number(a.distinct > 1) ||
        Number(a.column.from === "tag") - Number(b.column.from === "tag") ||
        order.indexOf(a.polarity) - order.indexOf(b.polarity),
    );
  if (!first) return null;
  const what = first.column.from === "tag" ? "A tag" : "A parameter";
  return { ...first, because: `${what} of this name says how a run is executed.` };
}

const yes = /^(true|1|yes|on|y|enabled?|full|det.*|fixed.*|strict|repro.*)$/i;
const fixed = /^(det|fix|repro|strict|permut|placebo|bitwise)/i;

/** Whether a value of an arm's column claims a deterministic execution. */
export function claimsDeterminism(value: ForeignValue | undefined, polarity: ArmPolarity): boolean {
  const text = String(value ?? "");
  if (polarity === "named") return fixed.test(text);
  return yes.test(text) === (polarity === "deterministic");
}

const plainName = /^[a-z][a-z0-9-]{0,31}$/;

/** The one arm of runs of which nothing says how they were executed. */
export const unstatedArm = "as-run";

/** A name for each value of an arm's column: the value where it is a word, else `det` or `free`, numbered where two would be one. */
export function armNames(
  values: readonly (ForeignValue | undefined)[],
  isDeterministic: (value: ForeignValue | undefined) => boolean,
): Map<string, string> {
  const names = new Map<string, string>();
  for (const value of values) {
    const key = valueKey(value);
    if (names.has(key)) continue;
    const word = typeof value === "string" ? value.toLowerCase().replaceAll(/[_\s]+/g, "-") : "";
    const isWord = plainName.test(word) && !/^(true|false|yes|no|on|off|none)$/.test(word);
    const wanted = isWord ? word : isDeterministic(value) ? "det" : "free";
    const taken = new Set(names.values());
    const free = [wanted, ...Array.from({ length: values.length }, (_, index) => `${wanted}-${index + 2}`)];
    names.set(key, free.find((name) => !taken.has(name)) ?? wanted);
  }
  return names;
}
