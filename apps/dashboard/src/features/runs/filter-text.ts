import type { RunGroup } from "@reprise/contracts";

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

function fieldText(field: string): string {
  const [, prefix, name = ""] = /^(params|metrics)\.(.+)$/s.exec(field) ?? [];
  if (!prefix) return field;
  return `${prefix}.${plainName.test(name) ? name : `\`${name}\``}`;
}

/** The filter that finds the runs of a group; null where one of its values cannot be asked for. */
export function filterOfGroup(by: RunGroup["by"]): string | null {
  const clauses: string[] = [];
  for (const [field, value] of Object.entries(by)) {
    if (value === null) return null;
    if (typeof value === "number" || typeof value === "boolean")
      clauses.push(`${fieldText(field)} = ${value}`);
    else if (Array.isArray(value))
      clauses.push(
        `${fieldText(field)} = ${quoted(`[${value.map((item) => JSON.stringify(item)).join(", ")}]`)}`,
      );
    else clauses.push(`${fieldText(field)} = ${quoted(value)}`);
  }
  return clauses.join(" and ");
}

/** Two filters that must both hold. */
export function joinFilters(...filters: readonly string[]): string {
  return filters.filter((filter) => filter.trim() !== "").join(" and ");
}
