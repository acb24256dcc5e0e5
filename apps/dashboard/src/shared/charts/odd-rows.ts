import type { StripRun } from "@reprise/contracts";
import type { StripRow } from "./strip-layout.js";

type Alikeness = "all equal" | "all different" | "partly equal";

function alikenessOf(runs: readonly StripRun[]): { kind: Alikeness; digests: number; of: number } | null {
  const digests = runs.flatMap(({ digest, diverged }) => (digest && !diverged ? [digest] : []));
  if (digests.length < 2) return null;
  const distinct = new Set(digests).size;
  const kind = distinct === 1 ? "all equal" : distinct === digests.length ? "all different" : "partly equal";
  return { kind, digests: distinct, of: digests.length };
}

/** Rows of one kind are the rule where they are at least so many of all; a row beside them is odd. */
const rule = 0.75;
const fewestRows = 4;

function commonest(kinds: readonly Alikeness[]): Alikeness | null {
  if (kinds.length < fewestRows) return null;
  const counts = new Map<Alikeness, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return most && most[1] >= rule * kinds.length ? most[0] : null;
}

const counted = (n: number, words: string) => (n > 0 ? [`${n} ${words}`] : []);

/**
 * What sets a row apart from the others, in words, by the key of the row: an arm whose runs end alike elsewhere and not here, or
 * the other way round; runs that failed, diverged or did not run as requested.
 */
export function oddRows(rows: readonly StripRow[], arms: readonly string[]): Map<string, string> {
  const ofArm = (row: StripRow, arm: string) => row.runs.filter((run) => run.arm === arm);
  const rules = new Map(
    arms.map((arm) => [arm, commonest(rows.flatMap((row) => alikenessOf(ofArm(row, arm))?.kind ?? []))]),
  );
  const odd = new Map<string, string>();
  for (const row of rows) {
    const words = arms.flatMap((arm) => {
      const found = alikenessOf(ofArm(row, arm));
      const usual = rules.get(arm) ?? null;
      if (!found || usual === null || found.kind === usual) return [];
      const what = found.kind === "partly equal" ? `${found.digests} digests in ${found.of}` : found.kind;
      return [`${arm} ${what}, elsewhere ${usual}`];
    });
    const said = [
      ...words,
      ...counted(row.runs.filter(({ status }) => status === "failed").length, "failed"),
      ...counted(row.runs.filter(({ diverged }) => diverged).length, "diverged"),
      ...counted(row.runs.filter(({ departures }) => departures > 0).length, "not run as requested"),
    ];
    if (said.length > 0) odd.set(row.key, said.join("; "));
  }
  return odd;
}
