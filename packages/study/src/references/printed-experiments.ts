import type { AuditColumn, ColumnRole, ReferenceStudy } from "@reprise/contracts";
import { unitFactor, unitKind } from "../audit/printed.js";
import { columnOf, numberAt, rowsOf, textAt } from "../audit/tables.js";
import { quantityOf, quantitySentence } from "./quantities.js";

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Whether a column is about an evaluation set: "LC25000 (Lung)" and lc25000Lung are one subject. */
export const isSubject = (column: AuditColumn, question: string) => plain(column.subject) === plain(question);

/** What a published study prints of one experiment on one evaluation set. */
export type PrintedExperiment = {
  reference: { name: string; title: string };
  table: string;
  /** The study's own grouping of its experiments; null where the table has none. */
  set: string | null;
  /** The cell as printed, and as a fraction. */
  printed: string;
  value: number;
  /** What is known of the printed quantity; null where the study says nothing of it. */
  quantity: string | null;
};

/** The published share of that role for an experiment of that label on that evaluation set; null where none is printed. */
export function printedExperiment(
  references: readonly ReferenceStudy[],
  { label, question, role }: { label: string; question: string; role: ColumnRole },
): PrintedExperiment | null {
  for (const reference of references) {
    const { name, title } = reference;
    for (const table of reference.tables) {
      if (columnOf(table, "configuration") === undefined) continue;
      const column = table.columns.find(
        (candidate) => candidate.role === role && isSubject(candidate, question),
      );
      const row = rowsOf(table).find(
        (candidate) => textAt(candidate, "configuration").toLowerCase() === label.toLowerCase(),
      );
      if (!column || !row || unitKind(column.unit) !== "share") continue;
      const cell = numberAt(row, column.key);
      if (!cell) continue;
      const quantity = quantityOf(reference, row, column);
      return {
        reference: { name, title },
        quantity: quantity && quantitySentence(quantity),
        table: table.name,
        set: textAt(row, "set") || null,
        printed: cell.text,
        value: cell.value * unitFactor(column.unit),
      };
    }
  }
  return null;
}
