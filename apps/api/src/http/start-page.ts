import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What the dashboard's build says about one of its pages; see its `build/page-needs.ts`. */
const page = z.object({
  path: z.string(),
  with: z.array(z.string()),
  without: z.array(z.string()),
  reads: z.array(z.string()),
  scripts: z.array(z.string()),
});
type Page = z.infer<typeof page>;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** Values of the `:names` of a page's path, or null where the address is another page's. */
function partsOf(pattern: string, path: string): Map<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const values = new Map<string, string>();
  for (const [index, name] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!name.startsWith(":") ? name !== value : !/^[\w.-]+$/.test(value)) return null;
    if (name.startsWith(":")) values.set(name.slice(1), value);
  }
  return values;
}

/** The dashboard writes numbers and the like in its addresses as JSON: such a value is not the text it stands for. */
function isPlain(value: string): boolean {
  try {
    JSON.parse(value);
    return false;
  } catch {
    return true;
  }
}

/** A read with its `:names` filled in; null where a part of its path has no value. */
function addressOf(read: string, values: ReadonlyMap<string, string>): string | null {
  const [path = "", query] = read.split("?");
  const parts = path
    .split("/")
    .map((part) => (part.startsWith(":") ? (values.get(part.slice(1)) ?? null) : part));
  if (parts.includes(null)) return null;
  const search = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(query)) {
    const filled = value.startsWith(":") ? values.get(value.slice(1)) : value;
    if (filled !== undefined && (filled !== "" || value === "")) search.append(name, filled);
  }
  return parts.join("/") + (search.size > 0 ? `?${search}` : "");
}

/**
 * Links by which the browser asks for a page's scripts and first figures while the application is still on its way. Figures
 * are named only to who is `signedIn`: others would be refused every one of them.
 */
export function linksOf(pages: readonly Page[], url: string, signedIn: boolean): string {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const path = pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
  const given = [...searchParams].filter(([, value]) => value !== "");
  for (const { path: pattern, reads, scripts, ...needs } of pages) {
    const parts = partsOf(pattern, path);
    const has = (name: string) => given.some(([other]) => other === name);
    if (parts === null || !needs.with.every(has) || needs.without.some(has)) continue;
    const readable = signedIn && given.every(([, value]) => isPlain(value));
    const values = new Map([...given, ...parts]);
    return [
      ...scripts.map((script) => `<link rel="modulepreload" crossorigin href="${escaped(script)}">`),
      ...(readable ? reads : []).flatMap((read) => {
        const address = addressOf(read, values);
        return address === null
          ? []
          : [`<link rel="preload" as="fetch" crossorigin href="${escaped(address)}">`];
      }),
    ].join("\n    ");
  }
  return "";
}

/** Reads a file again when it has changed: the dashboard may be built while the server runs. */
function rereading<T>(path: string, parse: (text: string) => T): () => T | null {
  let read: { at: number; value: T } | null = null;
  return () => {
    if (!existsSync(path)) return null;
    const at = statSync(path).mtimeMs;
    if (read?.at !== at) read = { at, value: parse(readFileSync(path, "utf8")) };
    return read.value;
  };
}

/** The start page of the build in `directory` for an address, or null while there is no build. */
export function startPageOf(directory: string): (url: string, signedIn: boolean) => string | null {
  const html = rereading(join(directory, "index.html"), (text) => text);
  const pages = rereading(join(directory, "pages.json"), (text) => z.array(page).parse(JSON.parse(text)));
  return (url, signedIn) => {
    const links = linksOf(pages() ?? [], url, signedIn);
    return html()?.replace("</head>", () => (links === "" ? "</head>" : `  ${links}\n  </head>`)) ?? null;
  };
}
