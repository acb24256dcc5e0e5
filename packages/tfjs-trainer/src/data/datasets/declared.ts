import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, fieldErrorLine, parseWith } from "@reprise/contracts";
import { parseDocument } from "yaml";
import { fractions } from "./dataset.js";
import type { DatasetFacts, DatasetSource } from "./dataset-source.js";
import { type Declaration, declaration, declarationFiles, declarationHint } from "./declaration.js";
import { byCodeUnit, exists } from "./files.js";
import { type ImageFacts, imageSource } from "./image-source.js";
import { declaredPairs } from "./image-text/declared-pairs.js";
import { imageFolders } from "./loaders/image-folders.js";
import { imageTable } from "./loaders/image-table.js";
import { tableSource } from "./loaders/table.js";

/** Every folder below `root` that declares itself. One with a mistake is announced as not usable, with the mistake. */
export async function declaredSources(root: string, cache: string | null): Promise<DatasetSource[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => !entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort(byCodeUnit);
  const sources = await Promise.all(names.map((name) => declaredIn(root, name, cache)));
  return sources.filter((source) => source !== null);
}

async function declaredIn(root: string, name: string, cache: string | null): Promise<DatasetSource | null> {
  const folder = join(root, name);
  const files = declarationFiles.map((file) => join(folder, file));
  const present = await Promise.all(files.map(exists));
  const path = files.find((_, i) => present[i]);
  if (path === undefined) return null;
  const document = parseDocument(await readFile(path, "utf8"));
  const [syntax] = document.errors;
  if (syntax) return unusable(name, `${path}: ${syntax.message.split("\n")[0]}`);
  const parsed = parseWith(declaration, document.toJS());
  if (!parsed.ok) {
    const wrong = parsed.errors.map(fieldErrorLine).join("; ");
    // The kinds are no news to a declaration that names one of them.
    const kinds = parsed.errors.some(({ path }) => path === "" || path === "kind");
    return unusable(
      name,
      `${path}: ${wrong}${kinds ? `. A declaration has ${declarationHint}` : /[.?]$/.test(wrong) ? "" : "."}`,
    );
  }
  try {
    return await sourceOf(name, folder, parsed.value, cache);
  } catch (error) {
    return unusable(name, `${path}: ${error instanceof Error ? error.message : error}`);
  }
}

async function sourceOf(
  name: string,
  folder: string,
  declared: Declaration,
  cache: string | null,
): Promise<DatasetSource> {
  const { title, description, citation, license, split: ownSplit } = declared;
  const common = {
    name,
    title: title ?? name,
    description,
    citation,
    license,
    cases: null,
    defaultSplit: ownSplit ?? fractions(0.6, 0.2, 0.2),
  };
  const reading = `declared 1 ${canonicalJson({ ...declared, title: null, description, citation, license, split: null })}`;
  const hint = `It is declared in ${folder}, but its files are not there.`;
  switch (declared.kind) {
    case "imageFolder": {
      const folders = await classFolders(folder, declared.classes);
      const classes = folders.map(([label]) => label);
      const positiveClass = positiveIndex(classes, declared.positiveClass);
      const groups = Object.entries(declared.groups).map(([grouping, pattern]) => {
        const expression = new RegExp(pattern);
        return [grouping, (path: string) => expression.exec(path)?.[1] ?? ""] as const;
      });
      const facts: ImageFacts = { ...common, classes, positiveClass, groups: Object.keys(declared.groups) };
      const loader = imageFolders({
        reading,
        find: async () => folder,
        hint,
        classes,
        positiveClass,
        nativeSize: declared.imageSize ?? null,
        channels: declared.channels,
        folders: async () => folders.map(([, path], label) => ({ path, label })),
        groups: Object.fromEntries(groups),
      });
      return imageSource(facts, loader, cache);
    }
    case "imageTable": {
      const { classes, groups, subgroups } = declared;
      const positiveClass = positiveIndex(classes, declared.positiveClass);
      const facts: ImageFacts = { ...common, classes, positiveClass, groups, subgroups };
      return imageSource(facts, imageTable({ folder, declared, positiveClass, reading }), cache);
    }
    case "imageText":
      return declaredPairs(
        { ...common, defaultSplit: ownSplit ?? fractions(0.95, 0.05, 0) },
        { folder, declared, cache },
      );
    case "table": {
      const { classes, groups, subgroups } = declared;
      const positiveClass = positiveIndex(classes, declared.positiveClass);
      return tableSource({ ...common, classes, positiveClass, groups, subgroups }, { folder, declared });
    }
  }
}

/** Class and folder of each label; without a declaration, the folders there are, sorted by name. */
async function classFolders(
  folder: string,
  declared: string[] | Record<string, string> | undefined,
): Promise<[label: string, path: string][]> {
  if (Array.isArray(declared)) return declared.map((name) => [name, name]);
  if (declared) return Object.entries(declared);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort(byCodeUnit);
  if (names.length < 2)
    throw new Error(`${names.length} folders of images; at least two classes are needed.`);
  return names.map((name) => [name, name]);
}

function positiveIndex(classes: readonly string[], positive: string | null | undefined): number | null {
  if (positive === undefined && classes.length === 2) {
    throw new Error(
      `positiveClass: say which of ${classes.join(" and ")} sensitivity is about, or null for none.`,
    );
  }
  if (positive === undefined || positive === null) return null;
  if (classes.length > 2)
    throw new Error("positiveClass: only sets of two classes have one; set it to null.");
  const index = classes.indexOf(positive);
  if (index < 0)
    throw new Error(`positiveClass: "${positive}" is none of the classes (${classes.join(", ")}).`);
  return index;
}

/** A set that is announced with what is wrong with its declaration. */
function unusable(name: string, problem: string): DatasetSource {
  const facts: DatasetFacts = {
    name,
    title: name,
    description: "",
    citation: "",
    license: "",
    classes: [],
    positiveClass: null,
    groups: [],
    cases: null,
    inputShape: [],
    defaultSplit: fractions(0.6, 0.2, 0.2),
  };
  return {
    facts,
    absence: async () => problem,
    digest: async () => null,
    read: () => Promise.reject(new Error(problem)),
  };
}
