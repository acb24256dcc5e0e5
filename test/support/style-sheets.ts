/** A component or a module style sheet of the dashboard, by its path from the repository's root. */
export type StyledFile = { file: string; text: string };

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? "");

/** Classes that a sheet defines; `:global(.name)` is somebody else's. */
const defined = (text: string) =>
  new Set(
    matches(
      text
        .replaceAll(/\/\*[\s\S]*?\*\//g, "")
        .replaceAll(/:global\([^)]*\)/g, "")
        .replaceAll(/\{[^{}]*\}/g, "{}"),
      /\.([A-Za-z][\w-]*)/g,
    ),
  );

/**
 * What is wrong between components and their style sheets: a sheet belongs to the one component that stands beside it under
 * the same name, which uses every class of it and no other, or hands all of them on to a component of a library.
 */
export function styleFaults(components: readonly StyledFile[], sheets: readonly StyledFile[]): string[] {
  const importers = new Map<string, string[]>();
  for (const { file, text } of components)
    for (const specifier of matches(text, /from "([^"]+\.module\.css)"/g)) {
      const sheet = new URL(specifier, `file:///${file}`).pathname.slice(1);
      importers.set(sheet, [...(importers.get(sheet) ?? []), file]);
    }
  return sheets.flatMap(({ file, text }) => {
    const own = file.replace(/\.module\.css$/, ".tsx");
    const others = (importers.get(file) ?? []).filter((importer) => importer !== own);
    const component = components.find((candidate) => candidate.file === own);
    if (!importers.get(file)?.includes(own) || !component)
      return [...others.map((other) => `${other} imports ${file}`), `${file} does not belong to ${own}`];
    const classes = defined(text);
    const isHandedOn = /=\{classes\}/.test(component.text);
    const used = new Set(matches(component.text, /(?<![\w.])classes\.([A-Za-z]\w*)/g));
    return [
      ...others.map((other) => `${other} imports ${file}`),
      ...[...classes]
        .filter((name) => !isHandedOn && !used.has(name))
        .map((name) => `${file} defines .${name} for nobody`),
      ...[...used]
        .filter((name) => !classes.has(name))
        .map((name) => `${own} uses .${name}, which nobody defines`),
    ];
  });
}
