import type { Parsed } from "@reprise/contracts";
import { readDelimited } from "./delimited.js";
import type { Grid } from "./grid.js";
import { isLatex, readLatex } from "./latex.js";
import { isMarkdown, readMarkdown } from "./markdown.js";

/** The cells of a pasted table, in whichever of the formats it is written; `path` names the field for an error. */
export function readGrid(text: string, path: string): Parsed<Grid> {
  const plain = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  if (isLatex(plain)) return readLatex(plain, path);
  if (isMarkdown(plain)) return readMarkdown(plain, path);
  return readDelimited(plain, path);
}
