import type { CaseScope } from "@reprise/contracts";

/** Rows by what stands over their drawing: over seeds where there are such, else by seed. */
export function panelsOf<Row extends { scope: CaseScope }>(
  rows: readonly Row[],
): [title: string, rows: Row[]][] {
  const over = rows.filter(({ scope }) => scope.seed === null);
  const shown = over.length > 0 ? over : rows;
  const panels = new Map<string, Row[]>();
  for (const row of shown) {
    const { configurationLabel, seed } = row.scope;
    const title = seed === null ? configurationLabel : `${configurationLabel} · seed ${seed}`;
    panels.set(title, [...(panels.get(title) ?? []), row]);
  }
  return [...panels];
}

/** What the rows of these panels are made of, for a lead. */
export function scopeWords(rows: readonly { scope: CaseScope }[]): string {
  const shown = panelsOf(rows).flatMap(([, own]) => own);
  const over = shown.some(({ scope }) => scope.seed === null);
  const { grouping = null, clusters = null } = shown[0]?.scope ?? {};
  const runs = over ? "one run of every seed" : "all repeats of a seed";
  return `${runs}${grouping && clusters ? `, on cases of ${clusters} ${grouping}s` : ""}`;
}

/** Drawings that are shown; further ones are in the data table and in the files. */
export const shownPanels = 8;
