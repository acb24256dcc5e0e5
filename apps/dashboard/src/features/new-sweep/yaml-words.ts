import type { YAMLParseError } from "yaml";

/** What is wrong with a text that is not YAML, and what to do, by the code of the library's error. */
const words: Record<YAMLParseError["code"], string> = {
  ALIAS_PROPS: "A reference (*name) takes no tag and no anchor of its own: remove them.",
  BAD_ALIAS: "A reference (*name) needs a name that was given above with &name.",
  BAD_COLLECTION_TYPE: "The tag before this list or mapping is for something else: remove it.",
  BAD_DIRECTIVE: "A line that begins with % is an instruction to YAML, and this one is unknown: remove it.",
  BAD_DQ_ESCAPE: 'After a backslash in "…" this sign means nothing: write \\\\ for a backslash.',
  BAD_INDENT: "This line is not indented like its neighbours: lines of one level begin in the same column.",
  BAD_PROP_ORDER: "Tag and anchor go before the value, on the line of their key.",
  BAD_SCALAR_START: "A value cannot begin with this sign: put it in quotation marks.",
  BLOCK_AS_IMPLICIT_KEY: "There are two keys on one line: begin a new line, or write { key: value }.",
  BLOCK_IN_FLOW:
    "Between brackets, entries are separated by commas and not by lines: close the bracket first, or use commas.",
  DUPLICATE_KEY: "This name appears twice at the same level: keep one of them.",
  IMPOSSIBLE:
    "The text cannot be read here: check whether a bracket, a quotation mark or a colon is missing.",
  KEY_OVER_1024_CHARS: "This name is too long: check whether a line break or a quotation mark is missing.",
  MISSING_CHAR:
    "Something is missing here: a comma, a closing bracket, a closing quotation mark, or the blank after a colon.",
  MULTILINE_IMPLICIT_KEY: "A name goes over several lines: a colon or a quotation mark is missing.",
  MULTIPLE_ANCHORS: "A value has one anchor (&name): remove the other.",
  MULTIPLE_DOCS: "There are several documents in the text, separated by ---; a sweep is one document.",
  MULTIPLE_TAGS: "A value has one tag: remove the other.",
  NON_STRING_KEY: "A name must be text: put it in quotation marks.",
  RESOURCE_EXHAUSTION: "The text is nested or referred to too often to be read.",
  TAB_AS_INDENT: "This line begins with a tab: YAML takes blanks only.",
  TAG_RESOLVE_FAILED: "The tag before this value is unknown: remove it.",
  UNEXPECTED_TOKEN:
    "This sign is not expected here: check whether a bracket, a comma or a quotation mark is missing or too many.",
};

/** The library's error in the reader's words. */
export function yamlWords({ code, message }: Pick<YAMLParseError, "code" | "message">): string {
  // A bracket that stays open is told as an indent, too.
  if (code === "BAD_INDENT" && message.startsWith("Flow"))
    return "A bracket is not closed: end the list with ] or the mapping with }.";
  return words[code];
}
