import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { endToken, loadClipTokenizer, startToken } from "./tokenizer.js";

const golden: { tokens: { text: string; ids: number[] }[] } = JSON.parse(
  readFileSync(new URL("./golden/clip.data.json", import.meta.url), "utf8"),
);

describe("the CLIP tokenizer", () => {
  const tokenizer = loadClipTokenizer(fileURLToPath(new URL("../../../vocabularies", import.meta.url)));

  it.each(golden.tokens)("gives OpenCLIP's ids for $text", ({ text, ids }) => {
    expect([...tokenizer.encode(text, 77).ids]).toEqual(ids);
  });

  it("keeps the end token where a text is too long, and says where it stands", () => {
    const { ids, end } = tokenizer.encode("a thin digit seven, leaning right", 6);
    expect([...ids]).toEqual([startToken, 320, 7847, 27472, 5757, endToken]);
    expect(end).toBe(5);
  });
});
