import { integers } from "../../loop/memory.js";
import { type ClipTokenizer, paddingToken, vocabularySize } from "./tokenizer.js";

/** All texts of a run, tokenised once: each different text has one number. */
export type TextTable = {
  /** Number of a text; adds it when it is new. */
  add(text: string): number;
  /** Rows of the token table, [texts, contextLength], and the position of each end token, in memory that threads share. */
  finish(): { texts: Int32Array; ends: Int32Array; tokens: Int32Array; longest: number };
};

/**
 * With `compact`, the token table holds only the tokens that occur, in ascending order of their ids. The others could not
 * change any result: they would receive no gradient and be read by nothing.
 */
export function createTextTable(
  tokenizer: ClipTokenizer,
  { contextLength, compact }: { contextLength: number; compact: boolean },
): TextTable {
  const numbers = new Map<string, number>();
  const encoded: Int32Array[] = [];
  const ends: number[] = [];
  return {
    add(text) {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      const number = encoded.length;
      const { ids, end } = tokenizer.encode(text, contextLength);
      numbers.set(text, number);
      // Without what stands behind the end, which is most of the place that a million texts would take.
      encoded.push(ids.slice(0, end + 1));
      ends.push(end);
      return number;
    },
    finish() {
      const occurring = compact ? occurringTokens() : Array.from({ length: vocabularySize }, (_, id) => id);
      const rows = new Map(occurring.map((id, row) => [id, row]));
      const texts = integers(encoded.length * contextLength).fill(rows.get(paddingToken) ?? 0);
      for (const [number, ids] of encoded.entries())
        texts.set(
          ids.map((id) => rows.get(id) ?? 0),
          number * contextLength,
        );
      const shared = integers(ends.length);
      shared.set(ends);
      return {
        texts,
        ends: shared,
        tokens: Int32Array.from(occurring),
        longest: ends.reduce((longest, end) => Math.max(longest, end + 1), 0),
      };
    },
  };

  function occurringTokens(): number[] {
    const found = new Set<number>();
    for (const ids of encoded) {
      for (const id of ids) found.add(id);
      if (ids.length < contextLength) found.add(paddingToken);
    }
    return [...found].toSorted((a, b) => a - b);
  }
}
