import type { AuditClaim, AuditFinding, AuditTable } from "@reprise/contracts";
import { type Printed, readPrinted, slack } from "./printed.js";
import { columnOf, labelOf, meets, nameOf, numberAt, ownRowsOf, type Row } from "./tables.js";

export type SpanClaim = Extract<AuditClaim, { kind: "span" }>;

/** Where a value reaches further than the text says, or none as far; everything a finding needs but the claim's words. */
export type SpanContradiction = Pick<AuditFinding, "severity" | "row" | "column" | "printed" | "follows"> & {
  but: string;
};

type Valued = { row: Row; printed: Printed; size: number };

/** Whether a text that rounds, or cuts off, would print the value so. */
function says(stated: Printed, { size, printed }: Valued): boolean {
  const beyond = (size - stated.value) * (size < 0 ? -1 : 1);
  const room = printed.half + slack(stated.value);
  return beyond >= -stated.half - room && beyond < 2 * stated.half + room;
}

/**
 * Do the values reach from where to where the text says, rounded as coarsely as the text prints? One entry per end that the
 * text names; null where no row has a value. A text rounds ("88.7" for 88.67) or cuts off.
 */
export function spanContradictions(
  claim: SpanClaim,
  tables: readonly AuditTable[],
): (SpanContradiction[] | null)[] {
  const table = tables.find(({ name }) => name === claim.table);
  const column = table && columnOf(table, claim.column);
  if (!table || !column) return [];
  const values = ownRowsOf(table).flatMap((row): Valued[] => {
    const printed = meets(row, claim.rows, tables) ? numberAt(row, column.key) : null;
    return printed ? [{ row, printed, size: claim.absolute ? Math.abs(printed.value) : printed.value }] : [];
  });
  const [first, ...others] = values;
  return (["from", "to"] as const).flatMap((end): (SpanContradiction[] | null)[] => {
    const text = claim[end];
    const stated = text === undefined ? null : readPrinted(text);
    if (!stated) return [];
    if (!first) return [null];
    const extreme = others.reduce(
      (best, next) => ((end === "to" ? next.size > best.size : next.size < best.size) ? next : best),
      first,
    );
    if (says(stated, extreme)) return [[]];
    const shown = claim.absolute ? extreme.printed.text.replace(/^[-−]/, "") : extreme.printed.text;
    const kind = `${end === "to" ? "largest" : "smallest"}${claim.absolute ? " absolute" : ""} value`;
    const among =
      claim.rows.length > 0 ? ` of the ${values.length} rows it speaks of` : ` of all ${values.length} rows`;
    return [
      [
        {
          severity: "error",
          row: nameOf(extreme.row),
          column: labelOf(column),
          printed: stated.text,
          follows: `${shown} (${nameOf(extreme.row)})`,
          but: `in ${labelOf(column)} of ${table.name} the ${kind}${among} is ${shown}, of ${nameOf(extreme.row)}, not ${stated.text}.`,
        },
      ],
    ];
  });
}
