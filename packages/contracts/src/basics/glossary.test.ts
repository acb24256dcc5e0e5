import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { glossary, termAnchor, termsIn } from "./glossary.js";

const terms = glossary.flatMap((group) => group.terms);

describe("the glossary", () => {
  it("has every term once, with a place of its own and a sentence", () => {
    expect(new Set(terms.map(({ term }) => termAnchor(term))).size).toBe(terms.length);
    expect(terms.filter(({ meaning }) => !/^["(A-Z1].*\.$/.test(meaning))).toEqual([]);
  });

  it("finds terms as whole words, each where it first stands", () => {
    const found = termsIn("Two arms: the digest of arm det, and an army of ulp.").map(({ text, term }) => [
      text,
      term?.term ?? null,
    ]);
    expect(found).toEqual([
      ["Two ", null],
      ["arms", "arm"],
      [": the ", null],
      ["digest", "digest"],
      [" of arm det, and an army of ", null],
      ["ulp", "ulp"],
      [".", null],
    ]);
    expect(termsIn("nothing here")).toEqual([{ text: "nothing here", term: null }]);
    expect(termsIn("2.1 pp [1.0, 3.2] pp").filter(({ term }) => term)).toHaveLength(1);
  });

  it("is docs/glossary.md, too", async () => {
    const text = [
      "# Glossary",
      "",
      "What words mean on pages, in reports and in files. The page Glossary shows the same list, and the words are explained where they stand.",
      ...glossary.flatMap(({ subject, terms: own }) => [
        "",
        `## ${subject}`,
        "",
        "| word | meaning |",
        "|---|---|",
        ...own.map(({ term, meaning }) => `| ${term} | ${meaning} |`),
      ]),
      "",
    ].join("\n");
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "../../../../docs/glossary.md"));
  });
});
