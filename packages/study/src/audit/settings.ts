import type { AuditClaim, AuditTable } from "@reprise/contracts";
import { overlap, possible, readPrinted, written } from "./printed.js";
import { collect, findingAt, type Rule } from "./rule.js";
import {
  baseAt,
  columnsWith,
  labelOf,
  meets,
  nameOf,
  numberAt,
  partnerIn,
  type Row,
  rowsOf,
  textAt,
} from "./tables.js";

type Equivalence = Extract<AuditClaim, { kind: "equivalent" }>;

const sameSetting = (a: string, b: string) => {
  const [x, y] = [readPrinted(a), readPrinted(b)];
  return x && y ? x.value === y.value : a.toLowerCase() === b.toLowerCase();
};

/** Why two rows of settings compute the same although they differ; null when they do not, or do not differ at all. */
function reasonsOf(
  a: Row,
  b: Row,
  equivalences: readonly Equivalence[],
  tables: readonly AuditTable[],
): string[] | null {
  const reasons = new Set<string>();
  for (const { key } of columnsWith(a.table, "setting")) {
    const [left, right] = [textAt(a, key), textAt(b, key)];
    if ((left === "") !== (right === "")) return null;
    if (sameSetting(left, right)) continue;
    const reason = equivalences.find(
      ({ irrelevant, when }) => irrelevant.includes(key) && meets(a, when, tables) && meets(b, when, tables),
    );
    if (!reason) return null;
    reasons.add(reason.says);
  }
  return reasons.size > 0 ? [...reasons] : null;
}

/** Rows that differ in one identity column only: two names, everything else (seed, data set) equal. */
const differInName = (a: Row, b: Row) =>
  columnsWith(a.table, "identity").filter(({ key }) => !sameSetting(textAt(a, key), textAt(b, key)))
    .length === 1;

function resultsOf(a: Row, b: Row, table: AuditTable): [Row, Row] | null {
  const [left, right] = table === a.table ? [a, b] : [partnerIn(a, table), partnerIn(b, table)];
  return left && right ? [left, right] : null;
}

/** Do configurations that compute the same by definition have the same results? */
export const equivalentSettingsRule: Rule = (tables, claims) =>
  collect(
    tables.flatMap((settings) => {
      const equivalences = claims.filter(
        (claim): claim is Equivalence => claim.kind === "equivalent" && claim.table === settings.name,
      );
      if (equivalences.length === 0) return [];
      const rows = rowsOf(settings);
      return rows.flatMap((a, position) =>
        rows.slice(position + 1).flatMap((b) => {
          const reasons = differInName(a, b) ? reasonsOf(a, b, equivalences, tables) : null;
          if (!reasons) return [];
          return tables.flatMap((table) => {
            const results = resultsOf(a, b, table);
            if (!results) return [];
            const [left, right] = results;
            return columnsWith(table, "reference", "accuracy", "score", "sensitivity", "specificity").map(
              (column) => {
                const [x, y] = [baseAt(left, column), baseAt(right, column)];
                if (!x || !y) return null;
                if (overlap(possible(x), possible(y))) return [];
                const apart = Math.abs(
                  (numberAt(right, column.key)?.value ?? 0) - (numberAt(left, column.key)?.value ?? 0),
                );
                const size = written(apart, Math.max(x.decimals, y.decimals));
                const unit = column.unit === "percent" ? " points" : "";
                return [
                  findingAt("equivalent-settings", right, column, {
                    severity: "warning",
                    printed: `${nameOf(left)}: ${x.text}, ${nameOf(right)}: ${y.text}`,
                    follows: `equal values of ${nameOf(left)} and ${nameOf(right)}, up to run-to-run variation`,
                    sentence: `${table.name}: ${nameOf(left)} and ${nameOf(right)} compute the same (${reasons.join(" ")}), yet ${labelOf(column)} differs by ${size}${unit}: ${x.text} and ${y.text}. Either repeats of one configuration lie that far apart or the settings are not what ran; it is not an effect of the setting.`,
                  }),
                ];
              },
            );
          });
        }),
      );
    }),
  );
