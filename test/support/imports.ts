import { posix } from "node:path";
import { parseSync } from "oxc-parser";

/** A source file and the modules it names, both as written: `apps/api/src/app.ts`, `./http/errors.js`, `@reprise/study`. */
export type FileImports = { file: string; imports: readonly string[] };

/** Every module a file imports: static, dynamic, re-exported, types included. */
export function importsOf(file: string, text: string): string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(file, text).module;
  return [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest?.value ?? "")),
    // The text between the brackets: a literal in quotes, or an expression that names no module.
    ...dynamicImports.map(({ moduleRequest: { start, end } }) =>
      text.slice(start, end).replace(/^["'`]|["'`]$/g, ""),
    ),
  ].filter((specifier) => specifier !== "");
}

/** `contracts` for `@reprise/contracts` and `@reprise/contracts/part`; null for what is no package of ours. */
const packageOf = (specifier: string) => /^@reprise\/([^/]+)/.exec(specifier)?.[1] ?? null;

/** `apps/api` for `apps/api/src/app.ts`. */
const homeOf = (file: string) => file.split("/").slice(0, 2).join("/");

/** Which of `files` a specifier means, by the rules of the type checker; null for a library, data or a style sheet. */
function target(file: string, specifier: string, files: ReadonlySet<string>): string | null {
  const name = packageOf(specifier);
  const part = name === null ? "" : specifier.slice(`@reprise/${name}/`.length) || "index";
  const candidates =
    name === null
      ? specifier.startsWith(".")
        ? [posix.join(posix.dirname(file), specifier)]
        : []
      : [`packages/${name}/src/${part}.ts`, `apps/${name}/src/${part}.ts`];
  const written = candidates.flatMap((path) => [
    path,
    path.replace(/\.js$/, ".ts"),
    path.replace(/\.js$/, ".tsx"),
  ]);
  return written.find((path) => files.has(path)) ?? null;
}

/**
 * Circles of imports between files, each as the shortest way round that starts and ends at its first file. Of circles
 * that share files, one per set of files is told.
 */
export function importCircles(sources: readonly FileImports[]): string[][] {
  const files = new Set(sources.map(({ file }) => file));
  const graph = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.map((specifier) => target(file, specifier, files)).filter((path) => path !== null),
    ]),
  );
  const circles = new Map<string, string[]>();
  for (const file of withoutEnds(graph)) {
    const way = wayBack(graph, file);
    const circle = way && [...way].sort().join();
    if (circle && !circles.has(circle)) circles.set(circle, [...way, file]);
  }
  return [...circles.values()];
}

/** The files that are left when those that import nothing, or only such, have been taken away again and again. */
function withoutEnds(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map(graph);
  let before: number;
  do {
    before = left.size;
    for (const [file, imported] of left) if (!imported.some((path) => left.has(path))) left.delete(file);
  } while (left.size < before);
  return [...left.keys()];
}

/** The files on the shortest way from a file back to itself, it first; null when there is none. */
function wayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const way: string[] = [];
        for (let at = file; at !== start; at = cameFrom.get(at) ?? start) way.unshift(at);
        return [start, ...way];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return null;
}

/** Permissions of the table that no file makes use of. */
export function unusedPermissions(
  mayImport: Readonly<Record<string, readonly string[]>>,
  sources: readonly FileImports[],
): string[] {
  return Object.entries(mayImport).flatMap(([home, allowed]) => {
    const used = new Set(
      sources.filter(({ file }) => homeOf(file) === home).flatMap(({ imports }) => imports.map(packageOf)),
    );
    return allowed
      .filter((name) => !used.has(name))
      .map((name) => `${home} may import ${name}, and does not`);
  });
}
