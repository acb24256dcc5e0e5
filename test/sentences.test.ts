import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "tinyglobby";
import { expect, it } from "vitest";
import { sentencesSection, speakersIn } from "./support/sentences.js";

const root = join(import.meta.dirname, "..");
const sources = "packages/study/src";
const folders = ["analyses", "claims", "evidence", "report", "verification"];

const preface = `# Sentences

Every sentence and clause that a verdict, its basis ("How do we know?"), a note, a report or a verification can print, with the condition
that prints it. Read from the sources in \`${sources}\` and held against them by \`test/sentences.test.ts\`; \`npx vitest --project system
test/sentences.test.ts -u\` writes it anew. *sentence* is what a verdict says, *basis* how it is known, *note* a remark; what has no mark is a
clause that the function hands on, or a line of a list. \`{name}\` is filled in, \`{a | b}\` is one of the two. Conditions are those of the code, in its
words; where there is none, the function's callers decide.

Percent has a space before its sign, as SI sets it: narrow and unbreakable on pages, an ordinary one in text files, \`\\,\` in LaTeX.

`;

it("docs/sentences.md lists what the analyses can say, and when", async () => {
  const files = await glob(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: join(root, sources), ignore: ["**/*.test.ts"] },
  );
  const sections = await Promise.all(
    files.toSorted().map(async (file) => {
      const speakers = speakersIn(file, await readFile(join(root, sources, file), "utf8"));
      return speakers.length === 0 ? [] : [sentencesSection(file.replace(/\.ts$/, ""), speakers)];
    }),
  );
  await expect(preface + sections.flat().join("\n")).toMatchFileSnapshot(join(root, "docs/sentences.md"));
});

it("a sentence is read with what it chooses, what it fills in and the conditions that lead to it", () => {
  const text = `
    /** What two runs say. More of it. */
    export function saysOf(runs: Run[], same: boolean) {
      if (runs.length < 2) return "Fewer than two runs can say nothing.";
      return { sentence: same ? \`All \${runs.length} runs are \${good ? "well" : "badly"} equal.\` : words(runs), label: "no sentence but a label" };
    }`;
  expect(speakersIn("says.ts", text)).toEqual([
    {
      name: "saysOf",
      about: "What two runs say.",
      sayings: [
        { kind: "part", words: "Fewer than two runs can say nothing.", when: ["runs.length < 2"] },
        {
          kind: "sentence",
          words: "All {length} runs are {well | badly} equal.",
          when: ["not (runs.length < 2)", "same"],
        },
      ],
    },
  ]);
});
