/** Folders at the top whose name begins a path. */
const rooted = /^(apps|packages|prisma|test|docs|\.ci|\.githooks)(\/|$)/;
const isFileName = /\.(tsx?|mjs|py|json|md|prisma)$/;

/**
 * Paths that a document of the root names, in `code` or as the target of a link; `from` says whether they are whole, or
 * may be the end of one, as `models/build-model.ts`. Patterns with <gaps> name none.
 */
export function namedPaths(text: string): { path: string; from: "root" | "anywhere" }[] {
  const prose = text.replace(/^```.*?^```/gms, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.replace(/#.*/, ""))
    .filter((target) => target !== "" && !target.includes(":"));
  const words = [...prose.matchAll(/`([^`\s]+)`/g)]
    .map(([, word = ""]) => word.replace(/\/$/, ""))
    .filter((word) => !/[<>{}*@]|^\/|^\.\.?\//.test(word));
  const whole = [...links, ...words.filter((word) => rooted.test(word))];
  const ends = words.filter((word) => !rooted.test(word) && isFileName.test(word));
  return [
    ...whole.map((path) => ({ path, from: "root" as const })),
    ...ends.map((path) => ({ path, from: "anywhere" as const })),
  ];
}

/** Folders of the tree that starts with a line `apps/api/src …`: their paths, each with what is said of it. */
export function treeOf(text: string): Map<string, string> {
  const [, tree = ""] = /^```\n(apps\/.*?)^```/ms.exec(text) ?? [];
  const folders = new Map<string, string>();
  const above: string[] = [];
  for (const line of tree.trimEnd().split("\n")) {
    const [, indent = "", name = "", words = ""] = /^( *)(\S+) *(.*)$/.exec(line) ?? [];
    const depth = indent.length / 2;
    above.splice(depth, Number.POSITIVE_INFINITY, name.replace(/\/$/, ""));
    folders.set(above.join("/"), words);
  }
  return folders;
}
