import { coreRank, isIdentityName, isRepeatName, seedLikeness } from "./column-names.js";
import { type Column, countedValues, distinctOf, isUnique, seedIn } from "./columns.js";

/** A column that is taken for the seed, and why. */
export type SeedChoice = { column: Column; because: string; others: string[] };

const before = (a: Column, b: Column) => {
  const places: Column["from"][] = ["param", "tag", "name"];
  return (
    Number(distinctOf(b) > 1) - Number(distinctOf(a) > 1) ||
    places.indexOf(a.from) - places.indexOf(b.from) ||
    seedLikeness(b.name) - seedLikeness(a.name) ||
    a.name.length - b.name.length
  );
};

/** Whether all values that are there can be seeds, and most runs have one. */
function holdsSeeds({ values }: Column): boolean {
  const there = values.filter((value) => value !== undefined && value !== null);
  return there.length >= 0.6 * values.length && there.every((value) => seedIn(value) !== null);
}

/** Numbers that people type where a program asks for a seed. */
const typical = new Set(
  `7 11 13 17 21 23 42 43 99 101 111 123 137 222 314 321 333 404 420 456 555 666 777 789 888 999 1111 1234 1337 2018 2019 2020 2021
  2022 2023 2024 2025 2026 2718 3141 3407 4242 5678 8888 9999 12345 31337 31415 54321 65537 123456 1234567`
    .split(/\s+/)
    .map(Number),
);

function looksLikeSeeds(column: Column): boolean {
  if (coreRank(column.name) !== null || isIdentityName(column.name) || isRepeatName(column.name))
    return false;
  const counted = countedValues(column);
  if (counted.length < 2 || isUnique(column) || counted.every(({ runs }) => runs === 1)) return false;
  const usual = counted.filter(({ value }) => typical.has(seedIn(value) ?? -1));
  return usual.length >= 0.5 * counted.length;
}

/**
 * The column that holds the seed: by its name, else by values that look like seeds. Where several have the name, one that varies
 * goes first, and a parameter before a tag before a part of the run's name.
 */
export function seedColumn(columns: readonly Column[]): SeedChoice | null {
  const able = columns.filter(holdsSeeds);
  const named = able.filter(({ name, from }) => seedLikeness(name) >= (from === "name" ? 1 : 2));
  const short = able.filter(({ name }) => seedLikeness(name) === 1);
  const byName = (named.length > 0 ? named : short).toSorted(before);
  const [column, ...rest] = byName;
  if (column) {
    const others = rest.filter((other) => other.from === column.from && distinctOf(other) > 1);
    const because = column.from === "name" ? "Read from the runs' names." : "Its name says so.";
    return { column, because, others: others.map(({ name }) => name) };
  }
  const [guess, ...further] = able.filter(looksLikeSeeds);
  return guess
    ? {
        column: guess,
        because: "No name says seed; its values look like some.",
        others: further.map(({ name }) => name),
      }
    : null;
}
