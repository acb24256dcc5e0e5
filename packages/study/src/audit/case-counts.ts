import type { AuditClaim } from "@reprise/contracts";
import { collect, findingAt, place, type Rule } from "./rule.js";
import { columnsWith, labelOf, numberAt, rowsOf, textAt } from "./tables.js";

type Size = Extract<AuditClaim, { kind: "size" }>;

/** Cases of data sets as they were published, whole and in their test parts; `docs/datasets.md` lists where they come from. */
const published: { name: RegExp; sizes: number[] }[] = [
  { name: /cifar-?10(?!0)/i, sizes: [60_000, 50_000, 10_000] },
  { name: /sdnet(?:2018)?/i, sizes: [56_092] },
  { name: /patch ?-?cam(?:elyon)?|\bpcam\b/i, sizes: [327_680, 262_144, 32_768] },
  { name: /lc25000.*lung/i, sizes: [15_000] },
  { name: /lc25000.*colon/i, sizes: [10_000] },
  { name: /cbis-?ddsm/i, sizes: [3_103, 3_568] },
];

/** Whether two numbers have the same digits in another order, two neighbours exchanged: 32,678 and 32,768. */
function isTransposed(a: number, b: number): boolean {
  const [x, y] = [String(a), String(b)];
  if (x.length !== y.length || x === y) return false;
  const at = [...x].findIndex((digit, index) => digit !== y[index]);
  return x[at] === y[at + 1] && x[at + 1] === y[at] && x.slice(at + 2) === y.slice(at + 2);
}

const counted = (value: number) => value.toLocaleString("en-US");

function stated(claim: Size) {
  if (claim.stated === claim.published) return [];
  const why = isTransposed(claim.stated, claim.published) ? "; two digits are exchanged" : "";
  return [
    {
      rule: "case-count" as const,
      severity: "warning" as const,
      table: claim.table,
      row: null,
      column: null,
      printed: counted(claim.stated),
      follows: counted(claim.published),
      sentence: `The text says${claim.where ? ` (${claim.where})` : ""}: ${claim.says} But ${claim.dataset} has ${counted(claim.published)} cases (${claim.source})${why}.`,
    },
  ];
}

/**
 * Is the number of cases that of the data set? A text's own count is held against the published one; in a column of cases only
 * two exchanged digits are told, because a study may well use a part of a data set.
 */
export const caseCountRule: Rule = (tables, claims) => {
  const said = collect(claims.flatMap((claim) => (claim.kind === "size" ? [stated(claim)] : [])));
  const seen = collect(
    tables.flatMap((table) =>
      columnsWith(table, "cases").flatMap((column) =>
        rowsOf(table).map((row) => {
          const value = numberAt(row, column.key)?.value;
          const name = columnsWith(table, "identity")
            .map(({ key }) => textAt(row, key))
            .join(" ");
          const known = published.find(
            (candidate) => candidate.name.test(name) || candidate.name.test(table.name),
          );
          if (value === undefined || !known) return null;
          const meant = known.sizes.find((size) => isTransposed(size, value));
          if (meant === undefined) return [];
          return [
            findingAt("case-count", row, column, {
              severity: "warning",
              printed: counted(value),
              follows: counted(meant),
              sentence: `${place(row)}: ${labelOf(column)} is ${counted(value)}, and the data set was published with ${counted(meant)} cases; two digits are exchanged.`,
            }),
          ];
        }),
      ),
    ),
  );
  return { checks: said.checks + seen.checks, findings: [...said.findings, ...seen.findings] };
};
