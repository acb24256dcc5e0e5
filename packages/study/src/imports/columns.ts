import { canonicalJson, type ForeignValue, type ImportFacts, type RunFacts } from "@reprise/contracts";
import { namePartsOf, seedsInNames } from "./run-names.js";

/** What one parameter, tag or part of the name is in each run; undefined where a run does not have it. */
export type Column = {
  name: string;
  from: "param" | "tag" | "name";
  values: (ForeignValue | undefined)[];
};

/** Equal for equal values: 42 and "42" are different ones. */
export const valueKey = (value: ForeignValue | undefined): string =>
  value === undefined ? "absent" : canonicalJson(value);

const keysOf = ({ values }: Pick<Column, "values">): string[] => values.map(valueKey);
export const distinctOf = (column: Pick<Column, "values">): number => new Set(keysOf(column)).size;

/** The number that a value is, or that its text writes; null for anything else. */
export function numberIn(value: ForeignValue | undefined): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The seed that a value can be; null where a run cannot have it as one. */
export function seedIn(value: ForeignValue | undefined): number | null {
  const number = numberIn(value);
  return number !== null && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

const present = ({ values }: Pick<Column, "values">): ForeignValue[] =>
  values.flatMap((value) => (value === undefined ? [] : [value]));

function columnsIn(
  runs: readonly RunFacts[],
  from: Column["from"],
  of: (run: RunFacts) => Readonly<Record<string, ForeignValue>>,
  prefix = "",
): Column[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(of(run))))];
  return names.map((name) => ({
    name: `${prefix}${name}`,
    from,
    values: runs.map((run) => (Object.hasOwn(of(run), name) ? of(run)[name] : undefined)),
  }));
}

/** Whether a text writes a number so that nothing is lost by reading it: "1.10" may be a version. */
function writesNumber(text: ForeignValue): boolean {
  const number = numberIn(text);
  if (number === null) return false;
  const plain = String(text)
    .replace(/^(-?\d+)\.0$/, "$1")
    .replace(/e([-+])0+(?=\d)/, "e$1");
  return plain === String(number) || plain === number.toExponential();
}

/** Numbers and flags behind the texts of a column, where the source holds texts only (MLflow, CSV) and all of them are such. */
function typed(column: Column): Column {
  const texts = present(column);
  if (texts.length === 0 || !texts.every((value) => typeof value === "string")) return column;
  const areFlags = texts.every((text) => /^(true|false)$/i.test(String(text)));
  if (!areFlags && !texts.every(writesNumber)) return column;
  const read = (value: ForeignValue) => (areFlags ? /^true$/i.test(String(value)) : Number(value));
  return { ...column, values: column.values.map((value) => (value === undefined ? undefined : read(value))) };
}

/** All that runs are told apart by: parameters and tags. */
export function columnsOf({ runs, tagsAre }: Pick<ImportFacts, "runs" | "tagsAre">): Column[] {
  return [
    ...columnsIn(runs, "param", ({ params }) => params),
    ...columnsIn(runs, "tag", ({ tags }) => tags, `${tagsAre}.`),
  ].map(typed);
}

/** Parts of the names of runs as columns. */
export function nameColumns(runs: readonly RunFacts[]): Column[] {
  const names = runs.map(({ name }) => name);
  const parts = namePartsOf(names);
  const seeds = parts.length === 0 ? seedsInNames(names) : null;
  return [...parts, ...(seeds ? [{ name: "name[seed]", values: seeds }] : [])].map((part) => ({
    ...part,
    from: "name",
  }));
}

/** Whether every combination of values of `of` goes with one value of `column`. */
export function isFunctionOf(column: Column, of: readonly Column[]): boolean {
  const seen = new Map<string, string>();
  const keys = of.map(keysOf);
  return keysOf(column).every((value, row) => {
    const key = JSON.stringify(keys.map((own) => own[row]));
    const known = seen.get(key) ?? value;
    seen.set(key, known);
    return known === value;
  });
}

/** Whether nearly every run has a value of its own. */
export function isUnique(column: Column): boolean {
  const values = present(column);
  return values.length >= 3 && new Set(values.map(valueKey)).size >= 0.95 * values.length;
}

/** Values with the number of runs that have each, the most frequent first. */
export function countedValues(column: Column): { value: ForeignValue; runs: number }[] {
  const counts = new Map<string, { value: ForeignValue; runs: number }>();
  for (const value of present(column)) {
    const known = counts.get(valueKey(value));
    if (known) known.runs += 1;
    else counts.set(valueKey(value), { value, runs: 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.runs - a.runs);
}

/** Members by what a function says of each, in the order in which that first came. */
export function groupedBy<T>(members: readonly T[], keyOf: (member: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    const known = groups.get(key);
    if (known) known.push(member);
    else groups.set(key, [member]);
  }
  return groups;
}
