import {
  AliasError,
  checkAliases,
  exactDocument,
  type FieldError,
  parseSweepSpec,
  type SweepSpec,
  yamlReading,
} from "@reprise/contracts";
import { Document, isCollection, isMap, LineCounter, parse, parseDocument, stringify } from "yaml";
import { yamlWords } from "./yaml-words.js";

/** A mistake in the text, with the line it stands on (from 1) where it has one. */
type SpecProblem = FieldError & { line: number | null };

export type ReadSpec = {
  /** The document as plain values, also when it is not a valid spec; null when it is not YAML. */
  value: unknown;
  spec: SweepSpec | null;
  problems: SpecProblem[];
  /** The line (from 1) of a place of the document, or of what is around it; null where that has none. */
  lineOf: (path: string) => number | null;
};

function lineOf(document: Document, lines: LineCounter, path: string): number | null {
  const keys: (string | number)[] = path === "" ? [] : path.split(".");
  for (let depth = keys.length; depth > 0; depth--) {
    const at = keys.slice(0, depth).map((key) => (/^\d+$/.test(String(key)) ? Number(key) : key));
    const parent = depth === 1 ? document.contents : document.getIn(at.slice(0, -1), true);
    if (!isCollection(parent)) continue;
    const last = at.at(-1);
    const pair = parent.items.find(
      (item) =>
        typeof item === "object" && item !== null && "key" in item && String(item.key) === String(last),
    );
    const node: unknown =
      pair && typeof pair === "object" && "key" in pair ? pair.key : document.getIn(at, true);
    if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line;
    }
  }
  return null;
}

/** The value of a document, or what its aliases would make of it. */
function followed(document: Document): ReturnType<typeof exactDocument> | AliasError {
  try {
    checkAliases(document.contents);
    return exactDocument(document.toJS(yamlReading));
  } catch (error) {
    return new AliasError(error instanceof Error ? error.message : String(error));
  }
}

/** Reads a sweep document as text: YAML first, then the spec, every mistake with its line. */
export function readSpec(text: string): ReadSpec {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...yamlReading, lineCounter: lines, prettyErrors: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: "",
      message: yamlWords(error),
      line: error.linePos?.[0].line ?? null,
    }));
    return { value: null, spec: null, problems, lineOf: () => null };
  }
  const read = followed(document);
  if (read instanceof AliasError) {
    const message = `The text cannot be read: ${read.message}.`;
    return { value: null, spec: null, problems: [{ path: "", message, line: null }], lineOf: () => null };
  }
  const { value, errors } = read;
  const parsed = parseSweepSpec(value);
  const at = (path: string) => lineOf(document, lines, path);
  if (parsed.ok && errors.length === 0) return { value, spec: parsed.value, problems: [], lineOf: at };
  const wrong = parsed.ok ? errors : [...errors, ...parsed.errors];
  return {
    value,
    spec: null,
    problems: wrong.map((each) => ({ ...each, line: at(each.path) })),
    lineOf: at,
  };
}

/** Names of the object at a place of a text, also of one in the making. */
export function namesAt(text: string, path: readonly string[]): string[] {
  const keys = path.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const { contents } = parseDocument(text, yamlReading);
  const node: unknown =
    keys.length === 0 ? contents : isCollection(contents) ? contents.getIn(keys, true) : null;
  return isMap(node) ? node.items.map(({ key }) => String(key)) : [];
}

/** Changes one place of the text and leaves the rest, comments included, as it is. `undefined` removes the key. */
export function editSpec(text: string, path: readonly (string | number)[], value: unknown): string {
  // Integers as they are written: whoever edits one place must not round another.
  const document: Document = parseDocument(text, yamlReading);
  if (document.errors.length > 0) return text;
  if (!isCollection(document.contents)) document.contents = new Document({}).contents;
  if (value === undefined) document.deleteIn(path);
  // A plain scalar is put into the node that stands there, which keeps its comment.
  else if (typeof value !== "object" || value === null) document.setIn(path, value);
  else {
    const node = document.createNode(value);
    compact(document, node);
    document.setIn(path, node);
  }
  return document.toString(layout);
}

/** Short lists and flat objects stay on one line, as a person would write them. */
function isFlow(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item !== "object" || Array.isArray(item));
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((item) => typeof item !== "object" || item === null);
}

/** Writes short parts of a node on one line each. */
function compact(document: Document, node: unknown): void {
  if (!isCollection(node)) return;
  const value: unknown = node.toJS(document);
  if (isFlow(value) && JSON.stringify(value).length < 84) {
    node.flow = true;
    return;
  }
  for (const item of node.items) {
    compact(document, typeof item === "object" && item !== null && "value" in item ? item.value : item);
  }
}

const layout = { lineWidth: 110, flowCollectionPadding: true };

/** A document as text. */
export function writeSpec(value: unknown): string {
  const document = new Document(value);
  if (isCollection(document.contents)) {
    for (const item of document.contents.items) {
      if (typeof item === "object" && item !== null && "value" in item) compact(document, item.value);
    }
  }
  return document.toString(layout);
}

/** A value as it would be typed into a field: `0.01`, `adam`, `[64, 64]`; a list of choices without its brackets. */
export function fieldText(value: unknown, list: boolean): string {
  if (value === undefined) return "";
  const flow = (item: unknown): string =>
    Array.isArray(item) ? `[${item.map(flow).join(", ")}]` : stringify(item).trim();
  return list && Array.isArray(value) ? value.map(flow).join(", ") : flow(value);
}

/** The value behind a typed field, or why it cannot be read. */
export function fieldValue(text: string, list: boolean): { value: unknown } | { problem: string } {
  try {
    const { value, errors } = exactDocument(parse(list ? `[${text}]` : text, yamlReading) ?? null);
    const [error] = errors;
    return error ? { problem: `${error.message}: write it in quotation marks` } : { value };
  } catch {
    return { problem: "not readable as a value" };
  }
}
