import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { watch } from "chokidar";
import { globSync } from "tinyglobby";
import { z } from "zod";
import { installationRoot } from "../paths.js";

const manifest = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) });

/** Folders of the packages of this workspace, and which of them each needs, by name. */
function workspace(): Map<string, { folder: string; needs: string[] }> {
  const files = globSync("{apps,packages}/*/package.json", { cwd: installationRoot });
  return new Map(
    files.map((file) => {
      const { name, dependencies } = manifest.parse(
        JSON.parse(readFileSync(join(installationRoot, file), "utf8")),
      );
      return [name, { folder: dirname(file), needs: Object.keys(dependencies) }];
    }),
  );
}

/** Folders, from the root, of these packages and of all that they need of this workspace. */
export function sourceFolders(names: readonly string[]): string[] {
  const packages = workspace();
  const needed = new Set(names);
  for (const name of needed)
    for (const other of packages.get(name)?.needs ?? []) if (packages.has(other)) needed.add(other);
  return [...needed].flatMap((name) => packages.get(name)?.folder ?? []).sort();
}

const isNoSource = (path: string) =>
  /[\\/](node_modules|generated|dist(\.[^\\/]*)?)([\\/]|$)|\.test\.tsx?$|~$/.test(path);

/** Editors save a file in several steps, and several files at once. */
const quietMs = 150;

/** Calls back with a changed file, by path from the root, once nothing more has changed for a moment. */
export async function watchSources(
  folders: readonly string[],
  onChange: (file: string) => void,
): Promise<() => Promise<void>> {
  let waiting: NodeJS.Timeout | undefined;
  const watcher = watch([...folders], { cwd: installationRoot, ignored: isNoSource, ignoreInitial: true });
  watcher.on("all", (event, path) => {
    if (event === "addDir" || event === "unlinkDir") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => onChange(path), quietMs);
  });
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return async () => {
    clearTimeout(waiting);
    await watcher.close();
  };
}
