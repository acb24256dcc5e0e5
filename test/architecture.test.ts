import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { namedPaths, treeOf } from "./support/documents.js";
import { importCircles, importsOf, unusedPermissions } from "./support/imports.js";
import { styleFaults } from "./support/style-sheets.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Who may import whom. The same table stands in ARCHITECTURE.md. */
const mayImport: Record<string, readonly string[]> = {
  "packages/contracts": [],
  "packages/statistics": [],
  "packages/study": ["contracts", "statistics"],
  "packages/database": ["contracts"],
  "packages/importers": ["contracts"],
  "packages/queue": ["contracts", "database"],
  "packages/tracing": [],
  "packages/trainers": ["contracts"],
  "packages/tfjs-trainer": ["contracts", "statistics"],
  "apps/api": ["contracts", "statistics", "study", "database", "importers", "queue", "tracing"],
  "apps/worker": ["contracts", "database", "queue", "tracing", "trainers"],
  "apps/dashboard": ["contracts"],
  "apps/cli": [
    "api",
    "worker",
    "contracts",
    "study",
    "database",
    "importers",
    "queue",
    "trainers",
    "tfjs-trainer",
  ],
};

/** Libraries that only one place may know. */
const soleOwner: Record<string, string> = {
  "@prisma/": "packages/database",
  "@fastify/": "apps/api",
  "@mantine/": "apps/dashboard",
  "@opentelemetry/": "packages/tracing",
  "@stdlib/": "packages/statistics",
  "@tensorflow/": "packages/tfjs-trainer",
  bullmq: "packages/queue",
  fastify: "apps/api",
  ioredis: "packages/queue",
  prisma: "packages/database",
  react: "apps/dashboard",
  recharts: "apps/dashboard",
};

const homes = Object.keys(mayImport);

/** What every file of a home imports. */
const sourcesOf = new Map(
  homes.map((home) => [
    home,
    globSync(`${home}/src/**/*.{ts,tsx}`, { cwd: root, ignore: ["**/generated/**", "**/dist/**"] })
      .sort()
      .map((file) => ({ file, imports: importsOf(file, readFileSync(join(root, file), "utf8")) })),
  ]),
);
const sources = (home: string) => sourcesOf.get(home) ?? [];
const allSources = [...sourcesOf.values()].flat();

function manifest(home: string): { name: string; exports?: unknown; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, home, "package.json"), "utf8"));
}

function isOwnedElsewhere(specifier: string, home: string): boolean {
  return Object.entries(soleOwner).some(
    ([library, owner]) =>
      owner !== home &&
      (library.endsWith("/")
        ? specifier.startsWith(library)
        : specifier === library || specifier.startsWith(`${library}/`)),
  );
}

describe("the import table", () => {
  it("knows every package and app there is", () => {
    const present = globSync("{apps,packages}/*/package.json", { cwd: root }).map((path) =>
      relative(".", join(path, "..")),
    );
    expect(present.filter((home) => !homes.includes(home) && home !== "packages/python")).toEqual([]);
  });

  it.each(homes)("%s imports only what it may, and what its manifest names", (home) => {
    const own = `@reprise/${basename(home)}`;
    const allowed = (mayImport[home] ?? []).map((name) => `@reprise/${name}`);
    const { dependencies = {} } = manifest(home);
    const declared = Object.keys(dependencies).filter((name) => name.startsWith("@reprise/"));
    expect(declared.filter((name) => !allowed.includes(name))).toEqual([]);

    const files = sources(home);
    expect(files.length).toBeGreaterThan(0);
    const breaches = files.flatMap(({ file, imports }) =>
      imports
        .filter((specifier) => {
          if (specifier.startsWith("@reprise/"))
            return (
              specifier === own ||
              !declared.some((name) => specifier === name || specifier === `${name}/generate`)
            );
          if (specifier.startsWith(".")) return relative(home, join(file, "..", specifier)).startsWith("..");
          return isOwnedElsewhere(specifier, home);
        })
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(breaches).toEqual([]);
  });

  it("grants nothing that nobody uses", () => {
    expect(unusedPermissions(mayImport, allSources)).toEqual([]);
  });

  it("source files import each other in no circle, types included", () => {
    expect(importCircles(allSources).map((files) => files.join(" → "))).toEqual([]);
  });

  it.each(homes.filter((home) => home !== "apps/dashboard"))("%s has one entry", (home) => {
    // The database's client must be generated before anything can import the package: that step stands beside it.
    const expected =
      home === "packages/database"
        ? { ".": "./src/index.ts", "./generate": "./src/generate.ts" }
        : "./src/index.ts";
    expect(manifest(home).exports).toEqual(expected);
  });

  it("features of the dashboard do not import each other", () => {
    const featureOf = (path: string) => /apps\/dashboard\/src\/features\/([^/]+)/.exec(path)?.[1];
    const breaches = sources("apps/dashboard").flatMap(({ file, imports }) => {
      const feature = featureOf(file);
      if (!feature) return [];
      return imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => join(file, "..", specifier))
        .filter((target) => featureOf(target) !== undefined && featureOf(target) !== feature)
        .map((target) => `${file} imports ${target}`);
    });
    expect(breaches).toEqual([]);
  });
});

describe("style sheets of the dashboard", () => {
  it("belong to one component each, which uses every class of it", () => {
    const read = (pattern: string) =>
      globSync(`apps/dashboard/src/**/*${pattern}`, { cwd: root })
        .sort()
        .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
    const sheets = read(".module.css");
    expect(sheets.length).toBeGreaterThan(0);
    expect(styleFaults(read(".tsx"), sheets)).toEqual([]);
  });
});

describe("the documents", () => {
  it("show the same import table as this test", () => {
    const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
    for (const home of homes) {
      const row = architecture.split("\n").find((line) => line.startsWith(`| \`${home}\``));
      expect(row, `${home} has no row in ARCHITECTURE.md`).toBeDefined();
      const named = (row?.split("|")[2] ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "–");
      expect(named.sort()).toEqual([...(mayImport[home] ?? [])].sort());
    }
  });

  const filesOfRepository = globSync("**/*", {
    cwd: root,
    dot: true,
    ignore: [
      "**/{node_modules,dist,dist.*,generated,__pycache__,*.egg-info}/**",
      ".git/**",
      "data/**",
      "test-results/**",
    ],
  });

  it.each(["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"])("%s names paths that there are", (file) => {
    const named = namedPaths(readFileSync(join(root, file), "utf8"));
    expect(named.length).toBeGreaterThan(1);
    const absent = named.filter(({ path, from }) =>
      from === "root"
        ? !existsSync(join(root, path))
        : !filesOfRepository.some((known) => known === path || known.endsWith(`/${path}`)),
    );
    expect(absent.map(({ path }) => path)).toEqual([]);
  });

  it("have a line for every folder two levels deep of every src, and for no other", () => {
    const present = filesOfRepository
      .filter((path) => /^(apps|packages)\/[^/]+\/src\//.test(path))
      .flatMap((path) => {
        const [kind, home, src, first, second, ...rest] = path.split("/");
        const folders = rest.length > 0 ? [first, second] : second === undefined ? [] : [first];
        return [0, 1, 2]
          .filter((depth) => depth <= folders.length)
          .map((depth) => [kind, home, src, ...folders.slice(0, depth)].join("/"));
      });
    const tree = treeOf(readFileSync(join(root, "ARCHITECTURE.md"), "utf8"));
    expect([...tree.keys()].sort()).toEqual([...new Set(present)].sort());
    expect([...tree].filter(([, words]) => words === "")).toEqual([]);
  });
});
