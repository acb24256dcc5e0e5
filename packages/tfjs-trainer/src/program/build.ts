import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Metafile, Plugin } from "esbuild";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/** Where the bundled program lies. */
export const distFolder = join(packageFolder, "dist");
const stampFile = join(distFolder, "source.sha256");

/** Not in one word: the bundle of the command line, which holds this file, has its own places where a source has that word. */
const ownUrl = ["import", "meta", "url"].join(".");
/** CommonJS names that the wasm loader expects, for bundles that are ES modules. */
const banner = `import { createRequire as __createRequire } from "node:module";
import { dirname as __pathDirname } from "node:path";
import { fileURLToPath as __toPath } from "node:url";
const require = __createRequire(${ownUrl});
const __filename = __toPath(${ownUrl});
const __dirname = __pathDirname(__filename);`;

/** Our own packages run nothing when imported: what a bundle does not use of them is left out. */
const dropUnused: Plugin = {
  name: "drop-unused",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(@reprise\/(contracts|statistics)|\.\.?\/.*)$/ }, async (args) => {
      if (args.pluginData === "seen") return undefined;
      const { kind, importer, resolveDir } = args;
      const ours =
        args.path.startsWith("@reprise/") ||
        /packages\/(contracts|statistics)\/src\//.test(importer.replaceAll("\\", "/"));
      if (!ours) return undefined;
      const result = await resolve(args.path, { kind, importer, resolveDir, pluginData: "seen" });
      return { ...result, sideEffects: false };
    });
  },
};

/** Error messages of the schema library in fifty languages: the start of the program would pay for them. */
const dropLocales: Plugin = {
  name: "drop-locales",
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export {};" }));
  },
};

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
    .filter(({ parentPath }) => basename(parentPath) !== "test-support")
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Digest of everything the bundle is made of: sources of this and of our own packages it includes, data, versions. */
function sourceDigest(): string {
  const hash = createHash("sha256").update(process.version);
  const sources = ["src", "datasets", "vocabularies", "../contracts/src", "../statistics/src"].map((path) =>
    join(packageFolder, path),
  );
  for (const file of [join(packageFolder, "package.json"), ...sources.flatMap(filesUnder)]) {
    hash.update(`${file.slice(packageFolder.length)}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Bundles sources, named by path from this package, into a folder, each under its file's name. */
export async function bundle(
  entryPoints: readonly string[],
  folder: string,
  { plugins = [], write = true }: { plugins?: Plugin[]; write?: boolean } = {},
): Promise<Metafile> {
  // Only where there are sources to bundle.
  const { build } = await import("esbuild");
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      entryPoints.map((path) => [basename(path, ".ts"), join(packageFolder, path)]),
    ),
    outdir: folder,
    bundle: true,
    // A backend is loaded by the runs that compute on it.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    // An error shows the line it happened in.
    lineLimit: 160,
    legalComments: "none",
    // node-fetch is asked for by TensorFlow.js only to load models over the network, which the trainer never does. The decoders
    // of images and HDF5 have native or WebAssembly parts beside them, and are loaded when a data set needs them; Dawn is a
    // native library that need not be there.
    external: ["node-fetch", "sharp", "h5wasm", "webgpu"],
    banner: { js: banner },
    plugins: [...plugins, dropUnused, dropLocales],
    ...{ metafile: true, write },
    logLevel: "warning",
  });
  return metafile;
}

const programs = ["src/program/main.ts", "src/loop/thread.ts", "src/program/probe-program.ts"];

/** The files that the bundle of the trainer is made of, absolute. */
export async function trainerInputs(): Promise<string[]> {
  const { inputs } = await bundle(programs, distFolder, { write: false });
  return Object.keys(inputs).map((file) => resolve(file));
}

/**
 * Bundles the trainer into `dist`: main.js, thread.js, the .wasm files and the data sets. Does nothing when `dist` was
 * made from the same sources. Safe against concurrent callers: each builds into a folder of its own and renames it.
 */
export async function buildTrainer(): Promise<{ built: boolean; folder: string }> {
  const digest = sourceDigest();
  if (isCurrent(digest)) return { built: false, folder: distFolder };
  const work = `${distFolder}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await bundle(programs, work);
  const wasm = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist");
  for (const name of readdirSync(wasm).filter((file) => file.endsWith(".wasm")))
    cpSync(join(wasm, name), join(work, name));
  for (const data of ["datasets", "vocabularies"])
    cpSync(join(packageFolder, data), join(work, data), { recursive: true });
  writeFileSync(join(work, "source.sha256"), digest);
  if (!isCurrent(digest)) install(work);
  rmSync(work, { recursive: true, force: true });
  return { built: true, folder: distFolder };
}

const isCurrent = (digest: string) => existsSync(stampFile) && readFileSync(stampFile, "utf8") === digest;

/** Puts the new folder in place of the old one; a concurrent caller may win, with the same content. */
function install(work: string): void {
  const old = `${work}.old`;
  try {
    if (existsSync(distFolder)) renameSync(distFolder, old);
    renameSync(work, distFolder);
  } catch (error) {
    if (!existsSync(stampFile)) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}
