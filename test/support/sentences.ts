import { type Comment, parseSync } from "oxc-parser";

/** A sentence or clause that a function can print: its words, with places for what is filled in, and when it does. */
type Saying = {
  kind: "sentence" | "basis" | "note" | "part";
  words: string;
  /** Conditions of the code, all of which hold. */
  when: string[];
};
export type Speaker = { name: string; about: string; sayings: Saying[] };

type Node = { type: string; start: number; end: number; [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
const childOf = (node: Node, key: string): Node | null => (isNode(node[key]) ? node[key] : null);
const childrenOf = (node: Node): Node[] =>
  Object.values(node).flatMap((value) => (isNode(value) ? [value] : nodesOf(value)));

/** Texts that label tables, carry provenance or report mistakes are no sentences about a study. */
const labelling = new Set([
  "column",
  "configurationColumn",
  "tableOf",
  "Error",
  "AnalysisRefusedError",
  "rate",
]);
const labels = new Set(["method", "correction", "label", "key", "caption", "title", "name"]);
const kinds: Record<string, Saying["kind"]> = { sentence: "sentence", basis: "basis", notes: "note" };
/** Methods that only shape what they are called on. */
const shaping = new Set(["toFixed", "join", "toPrecision", "replace", "slice", "toLowerCase"]);

/** Fewer words than this are an ending or a name. */
const fewestWords = 4;

/** The name by which a reader knows what is filled in: the last one of a path, the function of a call. */
function nameOf(node: Node | null): string {
  if (!node) return "…";
  if (node.type === "Identifier") return String(node.name);
  if (node.type === "MemberExpression") return nameOf(childOf(node, "property"));
  if (
    ["TSNonNullExpression", "ChainExpression", "TSAsExpression", "ParenthesizedExpression"].includes(
      node.type,
    )
  )
    return nameOf(childOf(node, "expression"));
  if (node.type !== "CallExpression") return "…";
  const callee = childOf(node, "callee");
  const called = nameOf(callee);
  const [first = null, second] = nodesOf(node.arguments);
  if (called === "counted" && second?.type === "Literal") return `${nameOf(first)} ${String(second.value)}s`;
  return callee && shaping.has(called) ? nameOf(childOf(callee, "object")) : called;
}

const isText = (node: Node) =>
  node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string");

/** The words of a text; `{a | b}` where one of several is chosen. */
function wordsOf(node: Node): string {
  if (node.type === "Literal") return String(node.value);
  if (node.type === "ConditionalExpression") {
    const [a, b] = [childOf(node, "consequent"), childOf(node, "alternate")];
    return `{${a ? wordsOf(a) : ""} | ${b ? wordsOf(b) : ""}}`;
  }
  if (node.type !== "TemplateLiteral") return nameOf(node);
  const filled = nodesOf(node.expressions).map((inner) => {
    const words = wordsOf(inner);
    return isText(inner) || words.startsWith("{") ? words : `{${words}}`;
  });
  return nodesOf(node.quasis)
    .map(({ value }, at) => {
      const cooked =
        typeof value === "object" && value !== null && "cooked" in value ? String(value.cooked) : "";
      return cooked + (filled[at] ?? "");
    })
    .join("");
}

const wordCount = (words: string) => words.match(/\p{L}+/gu)?.length ?? 0;

/** The first sentence of what is written above a declaration. */
function aboutOf(text: string, comments: readonly Comment[], start: number): string {
  const above = comments.findLast(
    ({ end }) => end <= start && /^\s*(export )?$/.test(text.slice(end, start)),
  );
  const words = (above?.value ?? "")
    .replace(/^\*|\n\s*\*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return /^.*?[.:](?= [A-Z"“@]|$)/.exec(words)?.[0] ?? words;
}

const returns = (node: Node | null): boolean =>
  node?.type === "ReturnStatement" ||
  (node?.type === "BlockStatement" && nodesOf(node.body).some(({ type }) => type === "ReturnStatement"));

/** All sentences and clauses of a source file, by the function that says them. */
export function speakersIn(file: string, text: string): Speaker[] {
  const { program, comments } = parseSync(file, text);
  const codeOf = (node: Node | null) => (node ? text.slice(node.start, node.end).replace(/\s+/g, " ") : "");
  const not = (node: Node | null) =>
    node?.type === "UnaryExpression" && node.operator === "!"
      ? codeOf(childOf(node, "argument"))
      : `not (${codeOf(node)})`;

  function walk(node: Node | null, when: string[], kind: Saying["kind"], said: Saying[]): void {
    if (!node) return;
    const each = (key: string, more: string[] = []) =>
      walk(childOf(node, key), [...when, ...more], kind, said);
    if (isText(node)) {
      const words = wordsOf(node).trim();
      if (wordCount(words) >= fewestWords && words.includes(" ")) said.push({ kind, words, when });
      return;
    }
    if (["TSTypeAliasDeclaration", "ThrowStatement"].includes(node.type)) return;
    if (
      ["CallExpression", "NewExpression"].includes(node.type) &&
      labelling.has(nameOf(childOf(node, "callee")))
    )
      return;
    if (node.type === "Property") {
      const key = nameOf(childOf(node, "key"));
      if (!labels.has(key)) walk(childOf(node, "value"), when, kinds[key] ?? kind, said);
      return;
    }
    if (node.type === "CallExpression" && nameOf(childOf(node, "callee")) === "sentencesOf") {
      for (const argument of nodesOf(node.arguments)) walk(argument, when, "sentence", said);
      return;
    }
    const test = childOf(node, "test");
    if (node.type === "ConditionalExpression" || node.type === "IfStatement") {
      each("consequent", [codeOf(test)]);
      each("alternate", [not(test)]);
      return;
    }
    if (node.type === "LogicalExpression") {
      each("left");
      each("right", node.operator === "&&" ? [codeOf(childOf(node, "left"))] : []);
      return;
    }
    const [pattern] = nodesOf(node.elements);
    if (node.type === "ArrayExpression" && pattern && "regex" in pattern) {
      // A rule: the names that it is for, and what is said of them.
      for (const child of childrenOf(node)) walk(child, [...when, `name ~ ${codeOf(pattern)}`], kind, said);
      return;
    }
    if (node.type !== "BlockStatement") {
      for (const child of childrenOf(node)) walk(child, when, kind, said);
      return;
    }
    let here = when;
    for (const statement of nodesOf(node.body)) {
      walk(statement, here, kind, said);
      if (statement.type === "IfStatement" && returns(childOf(statement, "consequent")))
        here = [...here, not(childOf(statement, "test"))];
    }
  }

  return program.body.flatMap((statement): Speaker[] => {
    if (!isNode(statement) || statement.type === "ImportDeclaration") return [];
    const declared = childOf(statement, "declaration") ?? statement;
    const name = nameOf(
      childOf(declared, "id") ?? childOf(nodesOf(declared.declarations)[0] ?? declared, "id"),
    );
    const sayings: Saying[] = [];
    walk(declared, [], "part", sayings);
    return sayings.length === 0 ? [] : [{ name, about: aboutOf(text, comments, statement.start), sayings }];
  });
}

const code = (text: string) => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);

/** The sayings of a file as a section of a document. */
export function sentencesSection(name: string, speakers: readonly Speaker[]): string {
  return [
    `## ${name}`,
    ...speakers.flatMap(({ name: speaker, about, sayings }) => [
      "",
      `**${speaker}**${about === "" ? "" : `: ${about}`}`,
      "",
      ...sayings.map(({ kind, words, when }) => {
        const said = `- ${kind === "part" ? "" : `*${kind}* `}${words.replace(/\s+/g, " ").replace(/([*_<>])/g, "\\$1")}`;
        return when.length === 0 ? said : `${said}<br>when ${[...new Set(when)].map(code).join(" and ")}`;
      }),
    ]),
    "",
  ].join("\n");
}
