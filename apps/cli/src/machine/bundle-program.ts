import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { installationRoot } from "../paths.js";
import { programBundle } from "./program-bundle.mjs";

const dayMs = 86_400_000;

/** A library stays where it is installed: only what is ours goes into the bundle. */
const libraries: Plugin = {
  name: "libraries",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === "entry-point" || pluginData === "seen" || path.startsWith("@reprise/")) return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: "seen" });
      // One that need not be there is missed where it is asked for, as without the bundle.
      if (found.errors.length > 0) return { path, external: true };
      return found.external ? found : { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

/** Programs of threads and processes of the API, each a bundle beside the main one, so that these read no sources. */
const beside = {
  thread: "apps/api/src/compute/thread.ts",
  "import-process": "apps/api/src/imports/import-process.ts",
};

/** What a source finds beside itself it finds there from within the bundle; the programs beside it, in the bundle. */
const ownPlaces: Plugin = {
  name: "own-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(
        /new URL\("\.\/(thread|import-process)-entry\.mjs", import\.meta\.url\)|import\.meta\.url/g,
        (written, program: keyof typeof beside | undefined) =>
          program === undefined
            ? JSON.stringify(pathToFileURL(path).href)
            : written.replace("-entry.mjs", ".js"),
      ),
      loader: path.endsWith(".ts") ? "ts" : "js",
    }));
  },
};

/**
 * Bundles the command line, with API and worker, into a folder named by its sources; a bundle of these very sources is
 * taken as it is. From it a process starts with a third of the processor time (`reprise --help`: 0.2 against 0.7 s). Safe
 * against concurrent callers: each builds apart and renames.
 *
 * @returns its main file, for `node --enable-source-maps`
 */
export async function bundleProgram(): Promise<{ built: boolean; main: string }> {
  const { folder, name, main } = programBundle();
  if (existsSync(main)) return { built: false, main };
  const work = join(folder, `${name}.${process.pid}`);
  mkdirSync(work, { recursive: true });
  await build({
    entryPoints: Object.fromEntries(
      Object.entries({ main: "apps/cli/src/main.ts", ...beside }).map(([name, path]) => [
        name,
        join(installationRoot, path),
      ]),
    ),
    outdir: work,
    bundle: true,
    // What a command does not need is not read.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // As Node itself finds libraries.
    mainFields: ["main"],
    conditions: ["node", "import"],
    sourcemap: true,
    // Node reads every map as it loads a file; the sources lie where the map says.
    sourcesContent: false,
    plugins: [libraries, ownPlaces],
    logLevel: "warning",
  });
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
