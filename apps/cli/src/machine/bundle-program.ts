import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { installationRoot } from "../paths.js";
import { programBundle } from "./program-bundle.mjs";

const dayMs = 86_400_000;

/** Libraries that stay where they are installed: they start programs of their own, or serve files of theirs. */
const staying = new Set(["@fastify/swagger-ui", "esbuild", "piscina"]);

/** The package of a bare import: `@a/b/c` is of `@a/b`. */
const packageOf = (path: string) =>
  path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");

/** Where a bundle lies below the root of an installation: three folders down, and one for its name. */
const depth = "../../../..";
const fromBundle = (path: string) => `${depth}/${relative(installationRoot, path).split(sep).join("/")}`;

/** How a bundle finds the libraries that stay: where they are in this clone, or by name, as a released package does. */
type StayingLibraries = "in place" | "by name";

const libraries = (found: StayingLibraries): Plugin => ({
  name: "libraries",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === "entry-point" || pluginData === "seen" || path.startsWith("@reprise/")) return undefined;
      const resolved = await resolve(path, { kind, importer, resolveDir, pluginData: "seen" });
      // One that need not be there is missed where it is asked for, as without the bundle.
      if (resolved.errors.length > 0) return { path, external: true };
      if (resolved.external || !staying.has(packageOf(path))) return resolved;
      return { path: found === "by name" ? path : fromBundle(resolved.path), external: true };
    });
  },
});

/** Programs of threads and processes of the API, each a bundle beside the main one, so that these read no sources. */
const beside = {
  thread: "apps/api/src/compute/thread.ts",
  "import-process": "apps/api/src/imports/import-process.ts",
};

/** What a source finds beside itself it finds there from within the bundle; the programs beside it, in the bundle. */
const ownPlaces: Plugin = {
  name: "own-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
      const places = path.split(sep).includes("node_modules") ? libraryPlaces : sourcePlaces;
      return {
        contents: places(readFileSync(path, "utf8"), path),
        loader: path.endsWith("ts") ? "ts" : "js",
      };
    });
  },
};

/** The place of a source as seen from the bundle, so that an installation can be moved. */
const urlOf = (path: string) => `new URL(${JSON.stringify(fromBundle(path))}, __bundleUrl).href`;

/** Not in one word: a bundle, which holds this file too, has its own places where a source has that word. */
const ownUrl = ["import", "meta", "url"].join(".");

/** `import.meta` would make a module of a library that was written for `require`. */
export const banner = `import { createRequire as __createRequire } from "node:module"; const __bundleUrl = ${ownUrl}; const require = __createRequire(__bundleUrl);`;

const sourcePlaces = (written: string, path: string): string =>
  written.replaceAll(
    /new URL\("\.\/(thread|import-process)-entry\.mjs", import\.meta\.url\)|import\.meta\.url/g,
    (place, program: keyof typeof beside | undefined) =>
      program === undefined ? urlOf(path) : place.replace("-entry.mjs", ".js"),
  );

function libraryPlaces(written: string, path: string): string {
  const pathOf = (place: string) => `require("node:url").fileURLToPath(${urlOf(place)})`;
  const places = { __filename: pathOf(path), __dirname: pathOf(dirname(path)) };
  return Object.entries(places).reduce(
    (text, [name, place]) =>
      // One that computes its place itself does so from `import.meta.url`.
      new RegExp(`(const|let|var) ${name}\\b`).test(text)
        ? text
        : text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), () => place),
    written.replaceAll(/\bimport\.meta\.url\b/g, () => urlOf(path)),
  );
}

/**
 * Writes programs, by name, into the folder of a bundle; what they are made of is told by esbuild's metafile.
 *
 * @param folder four below the root of the installation, where the programs are to run there
 */
export async function bundleInto(
  folder: string,
  staying: StayingLibraries,
  programs: Record<string, string> = { main: "apps/cli/src/main.ts", ...beside },
): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(programs).map(([name, path]) => [name, join(installationRoot, path)]),
    ),
    outdir: folder,
    bundle: true,
    // What a command does not need is not read.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // As Node itself finds libraries; those written for `require` ask for it.
    mainFields: ["main"],
    conditions: ["node"],
    banner: { js: banner },
    // Without maps, which a process would read and keep, 25 MB of them: the lines of the bundle are those of the sources, each
    // file under its name.
    metafile: true,
    plugins: [libraries(staying), ownPlaces],
    logLevel: "warning",
  });
  return metafile;
}

/**
 * Bundles the command line, with API, worker and their libraries, into a folder named by its sources; a bundle of these
 * very sources is taken as it is. From it a process starts with a third of the processor time. Safe against concurrent
 * callers: each builds apart and renames.
 *
 * @returns its main file
 */
export async function bundleProgram(): Promise<{ built: boolean; main: string }> {
  const { folder, name, main } = programBundle();
  if (existsSync(main)) return { built: false, main };
  const work = join(folder, `${name}.${process.pid}`);
  mkdirSync(work, { recursive: true });
  await bundleInto(work, "in place");
  for (const old of readdirSync(folder)) {
    const path = join(folder, old);
    // A server that runs from one of today finds its threads' programs in it.
    const isRecent = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < dayMs;
    if (!old.startsWith(name) && !isRecent) rmSync(path, { recursive: true, force: true });
  }
  try {
    renameSync(work, join(folder, name));
  } catch (error) {
    // Somebody else's, of the same sources, was there first.
    if (!existsSync(main)) throw error;
    rmSync(work, { recursive: true, force: true });
  }
  return { built: true, main };
}

/** The same for a released package, whose libraries lie wherever they were installed. */
export const bundleRelease = (folder: string): Promise<Metafile> => bundleInto(folder, "by name");
