// Plain JavaScript, since it is read before anything could read TypeScript: see ../../reprise.mjs.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const installationRoot = fileURLToPath(new URL("../../../..", import.meta.url));

/** Everything of ours that the command line, the API or a worker loads. */
const inputs = [
  "apps/api",
  "apps/cli",
  "apps/worker",
  "packages/contracts",
  "packages/database",
  "packages/importers",
  "packages/queue",
  "packages/statistics",
  "packages/study",
  "packages/tfjs-trainer",
  "packages/tracing",
  "packages/trainers",
].flatMap((home) => [`${home}/src`, `${home}/package.json`]);

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules" && entry.name !== "dist")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesBelow(join(path, entry.name)));
}

export function contentDigest(root, paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesBelow(join(root, path)))) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

export function programBundle() {
  const folder = join(installationRoot, "apps", "cli", "dist");
  const name = contentDigest(installationRoot, [...inputs, "pnpm-lock.yaml"]).slice(0, 16);
  return { folder, name, main: join(folder, name, "main.js") };
}
