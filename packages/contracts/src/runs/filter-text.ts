import type { RunField } from "./run-filter.js";

/** Names that a filter takes as they stand: of letters, digits, _, /, @ and -, not beginning with a digit or a sign. */
const plainName = /^[\p{L}_][\p{L}\p{N}\p{M}_/@-]*$/u;

/** A field as filters write it: names with other characters stand in backticks, which are doubled inside. */
export function fieldText({ kind, name }: RunField): string {
  if (kind === "attribute") return name;
  const written = plainName.test(name) ? name : `\`${name.replaceAll("`", "``")}\``;
  return `${kind === "metric" ? "metrics" : "params"}.${written}`;
}

/** A value as filters write it: text and lists in quotes, which are doubled inside; numbers and true or false without. */
export function valueText(value: string | number | boolean | readonly unknown[]): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text =
    typeof value === "string" ? value : `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
  return `'${text.replaceAll("'", "''")}'`;
}

/** The condition that a field has this value; null: that it has none. */
export function conditionText(
  field: RunField,
  value: string | number | boolean | readonly unknown[] | null,
): string {
  return value === null ? `${fieldText(field)} is null` : `${fieldText(field)} = ${valueText(value)}`;
}
