import { z } from "zod";

/** More seeds than these in one study are refused. */
const mostSeeds = 10_000;

export const seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const inWords = "write 0-4, 0 1 2, or [0, 1, 2]";

/** Seeds of one part of a text, `7` or `0-4`; what is wrong with it where it is neither. */
function seedsOfPart(part: string): number[] | string {
  const [, from = "", to = from] = /^(\d+)(?:(?:-|–|\.{2,3}|…)(\d+))?$/.exec(part) ?? [];
  if (from === "") return `"${part}" is not a seed: seeds are whole numbers from 0; ${inWords}`;
  const [low, high] = [Number(from), Number(to)];
  if (high > Number.MAX_SAFE_INTEGER || low > Number.MAX_SAFE_INTEGER)
    return `"${part}" is too large: a seed may be at most ${Number.MAX_SAFE_INTEGER}`;
  if (high < low) return `"${part}" runs backwards: write ${high}-${low}`;
  if (high - low >= mostSeeds)
    return `"${part}" is ${high - low + 1} seeds: a study may have at most ${mostSeeds}`;
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

/** Seeds as people write them: `0-4`, `0..4`, `0 1 2`, `0, 1, 2`, and mixtures; or what is wrong, in a sentence. */
export function seedsOfText(text: string): { seeds: number[] } | { problem: string } {
  const parts = text
    .replace(/^\s*\[|\]\s*$/g, "")
    .replace(/(\d)\s*(-|–|\.{2,3}|…)\s*(?=\d)/g, "$1$2")
    .split(/[\s,;]+/)
    .filter((part) => part !== "");
  const seeds: number[] = [];
  for (const part of parts) {
    const own = seedsOfPart(part);
    if (typeof own === "string") return { problem: own };
    seeds.push(...own);
  }
  return { seeds };
}

/** The shortest of these forms, `0-4, 42`; seeds in their order. */
export function seedText(seeds: readonly number[]): string {
  const runs: number[][] = [];
  for (const seed of seeds) {
    const last = runs.at(-1);
    if (last && last.at(-1) === seed - 1) last.push(seed);
    else runs.push([seed]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${run[0]}-${run.at(-1)}`] : run.map(String))).join(", ");
}

/** The next seeds after those that are there. */
export function furtherSeeds(seeds: readonly number[], count: number): number[] {
  const first = seeds.reduce((most, seed) => Math.max(most, seed + 1), 0);
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Seeds of a study: a list, one number, or a text that {@link seedsOfText} reads. */
export const seedList = z
  .union([
    z.array(seed).min(1).max(mostSeeds),
    seed.transform((one) => [one]),
    z.string().transform((text, context) => {
      const read = seedsOfText(text);
      if ("seeds" in read) return read.seeds;
      context.addIssue({ code: "custom", message: read.problem });
      return z.NEVER;
    }),
  ])
  .pipe(z.array(seed).min(1).max(mostSeeds));
