/** Where in a document the cursor stands, told from the text alone, because a document in the making is rarely whole. */
export type YamlPlace = {
  /** Of the object (or list) that the cursor is in. */
  path: string[];
  /** A name is being written, or the value of `key`. */
  writes: "name" | "value";
  key: string | null;
  /** What stands before the cursor of the word that is being written, and where it begins. */
  typed: string;
  from: number;
};

const keyLine = /^(\s*(?:- +)*)(?:"([^"]+)"|'([^']+)'|([^\s:#"'[\]{},]+)):(?:\s|$)/;

type Line = { indent: number; key: string | null; isItem: boolean; itemIndent: number };

function lineOf(text: string): Line | null {
  if (/^\s*(#|$)/.test(text)) return null;
  const found = keyLine.exec(text);
  const dash = /^(\s*)- /.exec(text);
  return {
    indent: found ? (found[1] ?? "").length : (/^\s*/.exec(text)?.[0].length ?? 0),
    key: found ? (found[2] ?? found[3] ?? found[4] ?? null) : null,
    isItem: dash !== null,
    itemIndent: dash?.[1]?.length ?? -1,
  };
}

/** Names of the objects around a place of an indentation, from the outside in; list items by their index. */
function pathAbove(lines: readonly string[], indent: number): string[] {
  const path: string[] = [];
  let inner = indent;
  let items = 0;
  for (const text of lines.toReversed()) {
    const line = lineOf(text);
    if (!line) continue;
    if (line.isItem && line.itemIndent < inner && line.indent >= inner) {
      // The item that the place belongs to begins here; those above it are counted until their list's name.
      items = 1;
      inner = line.itemIndent + 1;
      continue;
    }
    if (line.isItem && items > 0 && line.itemIndent === inner - 1) {
      items++;
      continue;
    }
    if (line.key === null || line.indent >= inner) continue;
    if (items > 0) path.unshift(String(items - 1));
    items = 0;
    path.unshift(line.key);
    inner = line.indent;
    if (inner === 0) break;
  }
  return path;
}

/** Openings of flow objects and lists that are not closed before the end of a text, from the inside out. */
function openings(text: string): { at: number; sign: string }[] {
  const found: { at: number; sign: string }[] = [];
  let closed = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const sign = text.charAt(at);
    if (sign === "}" || sign === "]") closed++;
    else if (sign === "{" || sign === "[") {
      if (closed > 0) closed--;
      else found.push({ at, sign });
    }
  }
  return found;
}

const word = (text: string) => /[^\s,{}[\]"']*$/.exec(text)?.[0] ?? "";
const nameBefore = (text: string) => /(?:"([^"]+)"|'([^']+)'|([^\s:,{}[\]"']+)):\s*$/.exec(text);

/** Where `at` stands in a text of YAML; null within a comment. */
export function yamlPlace(text: string, at: number): YamlPlace | null {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.slice(lineStart);
  if (/(^|\s)#/.test(line)) return null;
  const open = openings(before);
  const innermost = open[0];
  if (innermost) {
    const outside = open.at(-1) ?? innermost;
    const outerStart = before.lastIndexOf("\n", outside.at) + 1;
    const above = before.slice(0, outerStart).split("\n").slice(0, -1);
    // An opening without a name is an item of a list; which one it is makes no difference to what may stand in it.
    const names = open
      .map(({ at: place }) => nameBefore(before.slice(0, place)))
      .map((name) => name?.[1] ?? name?.[2] ?? name?.[3] ?? "0")
      .toReversed();
    const outerIndent = /^\s*(?:- +)*/.exec(before.slice(outerStart))?.[0].length ?? 0;
    const path = [...pathAbove(above, outerIndent), ...names];
    const typed = word(before);
    const own = before.slice(innermost.at + 1);
    const segment = own.slice(Math.max(own.lastIndexOf(","), -1) + 1);
    const colon = /^\s*([^\s:]+):\s/.exec(segment);
    const from = at - typed.length;
    if (innermost.sign === "[") return { path: [...path, "0"], writes: "value", key: null, typed, from };
    return colon
      ? { path, writes: "value", key: colon[1] ?? null, typed, from }
      : { path, writes: "name", key: null, typed, from };
  }
  const above = before.slice(0, lineStart).split("\n").slice(0, -1);
  const lead = /^\s*(?:- +)*/.exec(line)?.[0] ?? "";
  const path = pathAbove(lead.includes("-") ? [...above, `${lead}x: y`] : above, lead.length);
  const keyed = keyLine.exec(line);
  const typed = word(line);
  const from = at - typed.length;
  if (keyed) {
    const key = keyed[2] ?? keyed[3] ?? keyed[4] ?? null;
    return { path, writes: "value", key, typed, from };
  }
  return { path, writes: "name", key: null, typed, from };
}
