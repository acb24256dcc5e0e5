import { describe, expect, it } from "vitest";
import { type FileImports, importCircles, importsOf, unusedPermissions } from "./support/imports.js";

const source = (file: string, text: string): FileImports => ({ file, imports: importsOf(file, text) });

describe("the imports of a file", () => {
  it("are found however they are written", () => {
    const text = `
      import { a } from "./a.js";
      import type { B } from "./b.js";
      import "./c.css";
      export * from "./d.js";
      export { type E } from "./e.js";
      const f = () => import("./f.js");
      const g = (name: string) => import(name);
    `;
    expect(importsOf("x.ts", text).sort()).toEqual(
      ["./a.js", "./b.js", "./c.css", "./d.js", "./e.js", "./f.js", "name"].sort(),
    );
  });
});

describe("a planted circle", () => {
  it("is seen between two files, through a type alone", () => {
    const sources = [
      source("apps/api/src/context.ts", 'import { count } from "./http/metrics.js";'),
      source("apps/api/src/http/metrics.ts", 'import type { Context } from "../context.js";'),
      source("apps/api/src/app.ts", 'import { count } from "./http/metrics.js";'),
    ];
    expect(importCircles(sources)).toEqual([
      ["apps/api/src/context.ts", "apps/api/src/http/metrics.ts", "apps/api/src/context.ts"],
    ]);
  });

  it("is seen across packages", () => {
    const sources = [
      source("packages/contracts/src/index.ts", 'export * from "./runs.js";'),
      source("packages/contracts/src/runs.ts", 'import type { Table } from "@reprise/study";'),
      source("packages/study/src/index.ts", 'export { type Table } from "./table.js";'),
      source("packages/study/src/table.ts", 'import { run } from "@reprise/contracts";'),
    ];
    expect(importCircles(sources)).toEqual([
      [
        "packages/contracts/src/index.ts",
        "packages/contracts/src/runs.ts",
        "packages/study/src/index.ts",
        "packages/study/src/table.ts",
        "packages/contracts/src/index.ts",
      ],
    ]);
  });

  it("is seen where a file of components or the file itself is part of it", () => {
    expect(
      importCircles([
        source("apps/dashboard/src/page.tsx", 'const Part = lazy(() => import("./part.js"));'),
        source("apps/dashboard/src/part.tsx", 'import { title } from "./page.js";'),
        source("apps/dashboard/src/self.ts", 'export { own } from "./self.js";'),
      ]),
    ).toEqual([
      ["apps/dashboard/src/page.tsx", "apps/dashboard/src/part.tsx", "apps/dashboard/src/page.tsx"],
      ["apps/dashboard/src/self.ts", "apps/dashboard/src/self.ts"],
    ]);
  });

  it("is not seen where files share what they import", () => {
    expect(
      importCircles([
        source("packages/queue/src/index.ts", 'import "./a.js"; import "./b.js"; import "bullmq";'),
        source("packages/queue/src/a.ts", 'import "./c.js";'),
        source("packages/queue/src/b.ts", 'import "./a.js"; import "./c.js";'),
        source("packages/queue/src/c.ts", 'import "node:path";'),
      ]),
    ).toEqual([]);
  });
});

describe("a planted permission", () => {
  const table = { "apps/worker": ["contracts", "database", "study"], "packages/study": ["contracts"] };
  const sources = [
    source("apps/worker/src/main.ts", 'import type { Run } from "@reprise/contracts";'),
    source("apps/worker/src/client.ts", 'const made = import("@reprise/database/generate");'),
    source("packages/study/src/table.ts", 'import { z } from "zod";'),
  ];

  it("is told when nobody uses it", () => {
    expect(unusedPermissions(table, sources)).toEqual([
      "apps/worker may import study, and does not",
      "packages/study may import contracts, and does not",
    ]);
  });

  it("is fine when one file does", () => {
    const using = source("packages/study/src/runs.ts", 'export { type Run } from "@reprise/contracts";');
    expect(unusedPermissions({ "packages/study": ["contracts"] }, [...sources, using])).toEqual([]);
  });
});
