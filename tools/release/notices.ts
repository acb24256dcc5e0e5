import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** A library of which something is in a bundle. */
export type BundledLibrary = { name: string; version: string; license: string; text: string | null };

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
});

/** The innermost package that a file of `node_modules` belongs to; null for one of ours. */
function packageFolder(file: string): string | null {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return found?.[1] ?? null;
}

function readLibrary(folder: string): BundledLibrary {
  const { name, version, license } = manifest.parse(
    JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")),
  );
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$|-)/i.test(entry));
  return {
    ...{ name, version },
    license: typeof license === "string" ? license : (license?.type ?? "not stated"),
    text: file === undefined ? null : readFileSync(path.join(folder, file), "utf8").trim(),
  };
}

/** The libraries that the inputs of a bundle, by path from `root`, come from, by name and version. */
export function bundledLibraries(root: string, inputs: readonly string[]): BundledLibrary[] {
  const folders = new Set(
    inputs.flatMap((input) => packageFolder(path.resolve(root, input)) ?? []).filter(existsSync),
  );
  const found = new Map([...folders].map(readLibrary).map((own) => [`${own.name}@${own.version}`, own]));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, library]) => library);
}

/** The page that goes with a package: whose work is in it, under which licence, with the licence's text where there is one. */
export function noticesOf(libraries: readonly BundledLibrary[]): string {
  const parts = libraries.map(({ name, version, license, text }) =>
    [
      `## ${name} ${version}`,
      `Licence: ${license}`,
      ...(text === null ? [] : [`\`\`\`text\n${text}\n\`\`\``]),
    ].join("\n\n"),
  );
  return `# Libraries in this package\n\n${libraries.length} libraries are part of its programs.\n\n${parts.join("\n\n")}\n`;
}
