/** A part of the names of runs: what stands at one place in each of them. */
export type NamePart = { name: string; values: (string | number)[] };

const extension = /\.(log|csv|txt|jsonl?|tsv|ya?ml|out)$/i;
/** A minus after an exponent belongs to its number. */
const separators = /[_\s/,;+()=[\]]+|(?<!\d[eE])-+/;
const number = /^-?\d+(\.\d+)?([eE]-?\d+)?$/;
const labelled = /^([A-Za-z]+):?(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)$/;

/** Leading zeros are part of a name, not of a number. */
const pieceValue = (text: string): string | number =>
  number.test(text) && !/^-?0\d/.test(text) ? Number(text) : text;

const piecesOf = (name: string) =>
  name
    .replace(extension, "")
    .split(separators)
    .filter((piece) => piece !== "");

/** The label that all pieces of a column begin with; null where they have none, or several. */
function labelOf(matches: readonly (RegExpExecArray | null)[]): string | null {
  const labels = new Set(matches.map((match) => match?.[1]?.toLowerCase() ?? null));
  const [label] = labels;
  return labels.size === 1 && label !== undefined ? label : null;
}

/**
 * What names of runs hold, where all are built alike: `adam_lr0.001_seed42_r02` has the parts `name[0]`, `name[lr]`, `name[seed]`
 * and `name[r]`. A word that is the same in all names labels the numbers after it.
 *
 * @returns nothing where names have different numbers of parts
 */
export function namePartsOf(names: readonly string[]): NamePart[] {
  const pieces = names.map(piecesOf);
  const width = pieces[0]?.length ?? 0;
  if (pieces.some((own) => own.length !== width)) return [];
  const parts: NamePart[] = [];
  let word: string | null = null;
  for (let place = 0; place < width; place++) {
    const column = pieces.map((own) => own[place] ?? "");
    const matches = column.map((piece) => labelled.exec(piece));
    const label = labelOf(matches);
    const values =
      label === null ? column.map(pieceValue) : matches.map((match) => pieceValue(match?.[2] ?? ""));
    const areNumbers = values.every((value) => typeof value === "number");
    const key = label ?? (areNumbers && word !== null ? word : String(place));
    const isTaken = parts.some(({ name }) => name === `name[${key}]`);
    parts.push({ name: `name[${isTaken ? place : key}]`, values });
    const [first = ""] = column;
    const isWord = /^[A-Za-z]+$/.test(first) && column.every((piece) => piece === first);
    word = isWord ? first.toLowerCase() : null;
  }
  return parts;
}

/** Seeds that names of runs state by a word, where the names are not built alike; null where one does not. */
export function seedsInNames(names: readonly string[]): number[] | null {
  const seeds = names.map((name) => /(?:^|[^a-z])(?:seed|random_?state)[-_=: ]?(\d+)/i.exec(name)?.[1]);
  return seeds.every((seed) => seed !== undefined) ? seeds.map(Number) : null;
}
