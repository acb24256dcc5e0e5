import type { ForeignValue } from "@reprise/contracts";
import { coreRank, isBareName, isIdentityName, isRepeatName, seedLikeness } from "./column-names.js";
import { type Column, distinctOf, isFunctionOf, isUnique, numberIn } from "./columns.js";

/** What the columns that are neither seed nor arm are taken for. */
export type Role =
  | { role: "configuration" | "constant" | "nuisance" | "repeat"; because: string }
  | { role: "bound"; because: string; of: string };

const path = /^(\.{0,2}\/|[A-Za-z]:\\|~\/|[a-z][a-z0-9+.-]*:\/\/)|^[^\s/]+(\/[^\s/]+)+$/;
const instantText = /^\d{4}[-_/.]?\d{2}[-_/.]?\d{2}([T _-]?\d{2}[:_-]?\d{2}.*)?$/;
const hash = /^([0-9a-f]{12,}|[0-9a-f]{8}-[0-9a-f]{4}-.*)$/i;
const numberedPlace = /^[a-z][a-z.]*[-_]\d+(\.[a-z.]+)?$/i;

const texts = ({ values }: Column) => values.filter((value) => typeof value === "string" && value !== "");
const all = (column: Column, test: (text: string) => boolean) => {
  const own = texts(column);
  const others = column.values.filter(
    (value) => value !== undefined && value !== null && typeof value !== "string",
  );
  return own.length > 0 && others.length === 0 && own.every((text) => test(String(text)));
};

/** Whole numbers, each of one run. */
const isSerial = (column: Column) =>
  isUnique(column) &&
  column.values.every((value) => value === undefined || Number.isInteger(numberIn(value)));

/** Among fewer runs a parameter that one of them holds may be what makes its configuration. */
const fewestToJudge = 5;

/** Why the values of a column tell which run it is, and are no setting; null where they may be one. */
function nuisanceReason(column: Column): string | null {
  const { name } = column;
  const held = column.values.filter((value) => value !== undefined).length;
  if (held === 1 && column.values.length >= fewestToJudge) return "One run alone holds it.";
  if (coreRank(name) !== null) return null;
  if (isIdentityName(name)) return "Its name is of an identity, a place or a time.";
  const unique = isUnique(column);
  if (isBareName(name) && unique) return "Every run has one of its own.";
  if (all(column, (text) => path.test(text))) return "Its values are paths.";
  if (all(column, (text) => instantText.test(text))) return "Its values are times.";
  if (all(column, (text) => hash.test(text))) return "Its values are identifiers.";
  if (unique && texts(column).length > 0) return "Every run has a text of its own.";
  if (isSerial(column) && seedLikeness(name) === 0) return "Every run has a number of its own.";
  if (all(column, (text) => numberedPlace.test(text))) return "Its values are numbered places.";
  return null;
}

/** Of so many runs, or fewer, it may be lost that they had a value: a run that was killed early has no parameters. */
const mostWithout = 0.2;

function constantReason(column: Column): string | null {
  if (distinctOf(column) === 1) return "The same in all runs.";
  const held = column.values.filter((value) => value !== undefined);
  const isOne = distinctOf({ values: held }) === 1;
  const without = column.values.length - held.length;
  return isOne && without <= mostWithout * column.values.length ? "The same in all runs that hold it." : null;
}

/** Beyond this many values another column is a function of a column by accident, as in a random search. */
const mostOfBinding = 8;

/** What every column that varies, or does not, is; those of the configuration first named are the best known. */
export function columnRoles(columns: readonly Column[]): Map<Column, Role> {
  const roles = new Map<Column, Role>();
  const open: Column[] = [];
  for (const column of columns) {
    const constant = constantReason(column);
    const reason = constant === null ? nuisanceReason(column) : null;
    if (constant !== null) roles.set(column, { role: "constant", because: constant });
    else if (isRepeatName(column.name))
      roles.set(column, { role: "repeat", because: "Its name says that it counts repeats." });
    else if (reason !== null) roles.set(column, { role: "nuisance", because: reason });
    else open.push(column);
  }
  const place = ({ name }: Column) => coreRank(name) ?? Number.MAX_SAFE_INTEGER;
  const chosen: Column[] = [];
  for (const column of open.toSorted((a, b) => place(a) - place(b))) {
    const of =
      coreRank(column.name) === null && column.from !== "name"
        ? chosen.find((other) => distinctOf(other) <= mostOfBinding && isFunctionOf(column, [other]))
        : undefined;
    if (of) {
      roles.set(column, { role: "bound", of: of.name, because: `A function of ${of.name}.` });
      continue;
    }
    chosen.push(column);
    roles.set(column, { role: "configuration", because: "It varies, and is not of the run's identity." });
  }
  return roles;
}

/** The value of a parameter for a list of parameters: objects do not occur, lists stay. */
export const shownValue = (value: ForeignValue | undefined): string =>
  value === undefined ? "not recorded" : typeof value === "string" ? value : JSON.stringify(value);
