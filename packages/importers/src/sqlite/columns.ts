/** A column of a table: where a row that is older than the column has no value, `missing` stands for it. */
export type Column = { name: string; isRowId: boolean; missing: string | number | null };

/** The parts of a definition between commas of the outermost level; texts and brackets are kept whole. */
function partsOf(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let part = "";
  for (const character of body) {
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"' || character === "`") quote = character;
    else if (character === "[") quote = "]";
    else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    else if (character === "," && depth === 0) {
      parts.push(part);
      part = "";
      continue;
    }
    part += character;
  }
  return [...parts, part].map((text) => text.trim()).filter((text) => text !== "");
}

const quotedName = /^(?:"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([^\s(]+))\s*/;
const constraint = /^(constraint|primary\s+key|unique|check|foreign\s+key)\b/i;

function defaultOf(definition: string): string | number | null {
  const [, text, number] = /\bdefault\s+\(?(?:'((?:[^']|'')*)'|([-+]?[\d.]+))/i.exec(definition) ?? [];
  if (text !== undefined) return text.replaceAll("''", "'");
  return number === undefined ? null : Number(number);
}

/** Columns of a table by its `CREATE TABLE`, in the order in which rows hold them. */
export function columnsOf(sql: string): Column[] {
  const body = sql.slice(sql.indexOf("(") + 1, sql.lastIndexOf(")")).replaceAll(/--[^\n]*\n/g, "\n");
  const parts = partsOf(body);
  const keys = parts
    .map(
      (part) =>
        /^(?:constraint\s+\S+\s+)?primary\s+key\s*\(\s*["`[]?([^"`\],)]+)["`\]]?\s*\)/i.exec(part)?.[1],
    )
    .filter((name) => name !== undefined);
  return parts
    .filter((part) => !constraint.test(part))
    .map((part) => {
      const match = quotedName.exec(part);
      const name = (match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4] ?? part).replaceAll('""', '"');
      const definition = part.slice(match?.[0].length ?? 0);
      // Only a key of exactly this type is the row's number, which the row itself then leaves empty.
      const isInteger = /^integer\b/i.test(definition);
      const isKey = /\bprimary\s+key\b/i.test(definition) || (keys.length === 1 && keys[0]?.trim() === name);
      return { name, isRowId: isInteger && isKey, missing: defaultOf(definition) };
    });
}
