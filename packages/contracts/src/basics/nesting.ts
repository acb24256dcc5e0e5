/** Lists and mappings within one another: no document of ours comes near, and readers that call themselves run out of stack. */
export const deepestNesting = 100;

/** Whether a character stands in a text more than `most` times, told without looking at every character. */
export function isOften(text: string, character: string, most: number): boolean {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}

/** Whether lists and objects of a JSON text stand within one another more than `deepest` deep. One pass, whether valid or not. */
export function jsonNestsDeeper(text: string, deepest = deepestNesting): boolean {
  // Histories are few lists of many numbers.
  const half = deepest >> 1;
  if (!isOften(text, "[", half) && !isOften(text, "{", half)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x22) at = endOfString(text, at);
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > deepest) return true;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return false;
}

/** Where the string of a JSON text ends that begins at `at`. */
export function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  return end;
}

const collections = new Set(["block-map", "block-seq", "flow-collection"]);

/** The parts of the `yaml` package that find where a list or mapping begins and ends. Neither calls itself. */
type YamlGrammar = {
  Lexer: new () => { lex(text: string): Iterable<string> };
  Parser: new () => { next(lexeme: string): Iterable<unknown>; readonly stack: readonly { type: string }[] };
};

/** Whether lists and mappings of a YAML text stand within one another more than `deepest` deep, before it is composed. */
export function yamlNestsDeeper(
  text: string,
  { Lexer, Parser }: YamlGrammar,
  deepest = deepestNesting,
): boolean {
  if (!yamlMayNestDeeper(text, deepest)) return false;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    // Beside what is open stands the document, and a scalar at the end.
    const beside = collections.has(parser.stack.at(-1)?.type ?? "") ? 1 : 2;
    if (parser.stack.length - beside > deepest) return true;
  }
  return false;
}

/**
 * Told without the grammar, which takes far longer: by open brackets, wherever they stand, and by levels of indentation with the
 * dashes at the start of a line.
 */
function yamlMayNestDeeper(text: string, deepest: number): boolean {
  let open = 0;
  const levels: number[] = [];
  for (const line of text.split("\n")) {
    const start = /^ *((?:[-?:][ \t]+)*)/.exec(line);
    const indent = line.length - line.trimStart().length;
    if (indent < line.length) {
      while ((levels.at(-1) ?? -1) >= indent) levels.pop();
      levels.push(indent);
    }
    const dashes = (start?.[1]?.match(/[-?:]/g) ?? []).length;
    if (levels.length + dashes > deepest) return true;
    for (const character of line) {
      if (character === "[" || character === "{") open += 1;
      else if (character === "]" || character === "}") open = Math.max(0, open - 1);
      if (open > deepest) return true;
    }
  }
  return false;
}
