import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { namedPaths, treeOf } from "./support/documents.js";

describe("the paths that a document names", () => {
  it("are those in code and behind links, whole ones and ends", () => {
    const text = [
      "See `apps/api/src` and [events](packages/contracts/src/protocol/events.ts#L3), then `models/build-model.ts`.",
      "Not `apps/<name>/src`, `npx pnpm test`, `GET /runs`, `clip/all`, `runs/*.ts`, [the site](https://example.org/a.md).",
      "```",
      "`test/absent.ts`",
      "```",
    ].join("\n");
    expect(namedPaths(text)).toEqual([
      { path: "packages/contracts/src/protocol/events.ts", from: "root" },
      { path: "apps/api/src", from: "root" },
      { path: "models/build-model.ts", from: "anywhere" },
    ]);
  });
});

it("lists every variable that API and workers read in docs/operations.md", () => {
  const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
  const documented = read("docs/operations.md");
  for (const file of ["apps/api/src/config.ts", "apps/worker/src/config.ts"]) {
    const names = [...read(file).matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(documented).toContain(`\n| \`${name}\` | `);
  }
});

describe("the tree of a document", () => {
  it("is read as paths with what is said of them", () => {
    const text =
      "```\nnot this\n```\n\n```\napps/api/src   serves\n  http/        HTTP\n  runs/        runs\n    deep/\napps/cli/src   starts\n```\n";
    expect([...treeOf(text)]).toEqual([
      ["apps/api/src", "serves"],
      ["apps/api/src/http", "HTTP"],
      ["apps/api/src/runs", "runs"],
      ["apps/api/src/runs/deep", ""],
      ["apps/cli/src", "starts"],
    ]);
  });
});
