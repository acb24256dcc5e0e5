import { conditionText, type RunGroup, runField } from "@reprise/contracts";

/** The filter that finds the runs of a group. */
export function filterOfGroup(by: RunGroup["by"]): string {
  return Object.entries(by)
    .map(([field, value]) => conditionText(runField(field), value))
    .join(" and ");
}

/** Two filters that must both hold. */
export function joinFilters(...filters: readonly string[]): string {
  return filters.filter((filter) => filter.trim() !== "").join(" and ");
}
