import type { Dataset } from "./datasets/dataset.js";

/** What is known of the cases of a set beside their class, by column: the group of each (a patient), and its subgroup (a site). */
export type CaseColumns = { groups: Record<string, string[]>; subgroups: Record<string, string[]> };

/** The columns of a set; groups by their number. */
export function caseColumnsOf({
  groups,
  subgroups = {},
}: Pick<Dataset, "groups" | "subgroups">): CaseColumns {
  return {
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, numbers]) => [name, Array.from(numbers, String)]),
    ),
    subgroups,
  };
}

/** The columns of some cases, for the wire; those that a set does not have are not told. */
export function caseFactsOf({ groups, subgroups }: CaseColumns, ids: ArrayLike<number>) {
  const of = (columns: Record<string, string[]>) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, Array.from(ids, (id) => values[id] ?? "")]),
    );
  return {
    ...(Object.keys(groups).length > 0 && { groups: of(groups) }),
    ...(Object.keys(subgroups).length > 0 && { subgroups: of(subgroups) }),
  };
}
