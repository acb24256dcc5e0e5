import type { AuditColumn, ReferenceQuantity, ReferenceStudy, SweepSpec } from "@reprise/contracts";
import { columnOf, type Row, textAt } from "../audit/tables.js";

/** Of which epoch a study's figures are; what a published quantity may ask for. */
export type ReportedEpoch = Pick<SweepSpec, "selection" | "objective">;

const knownWords: Record<ReferenceQuantity["known"], string> = {
  text: "by the text",
  code: "by the authors' code",
  unknown: "as far as is known",
};

/** "CIFAR-10, Accuracy: the best test accuracy of any epoch, chosen on the test set (by the authors' code)." */
export const quantitySentence = ({ dataset, metric, says, known }: ReferenceQuantity): string =>
  `${[dataset, metric].filter(Boolean).join(", ")}: ${says} (${knownWords[known]}).`;

/** What is known of a printed cell; null where the study says nothing of its quantities. */
export function quantityOf(study: ReferenceStudy, row: Row, column: AuditColumn): ReferenceQuantity | null {
  const dataset = column.subject || (columnOf(row.table, "dataset") ? textAt(row, "dataset") : "");
  const metric = columnOf(row.table, "metric") ? textAt(row, "metric") : column.role;
  const own = study.quantities.filter((quantity) => quantity.dataset === dataset);
  const named = own.find((quantity) => quantity.metric === undefined || quantity.metric === metric);
  // A table without a column of metrics (counts of tests) is about the data set's first quantity.
  return named ?? (columnOf(row.table, "metric") ? null : (own[0] ?? null));
}

const isLowestValidationLoss = ({ selection, objective }: ReportedEpoch) =>
  selection.epoch === "bestValidation" &&
  objective?.metric === "validationLoss" &&
  objective.direction === "minimize";

const epochWords = (reported: ReportedEpoch) =>
  reported.selection.epoch === "last"
    ? "of the last epoch"
    : `of the epoch with the best ${reported.objective?.metric ?? "value"} on validation`;

/** What a study has measured: the metric, or the answer to a zero-shot question. */
export type MeasuredQuantity = { metric: string; label: string; zeroShot: boolean; reported: ReportedEpoch };

/** Why the measured number is no value of the published quantity; null where the two are the same. */
export function whyAnother(published: ReferenceQuantity | null, measured: MeasuredQuantity): string | null {
  if (!published) return null;
  const here = `${measured.label} ${epochWords(measured.reported)}`;
  const reason = `Another quantity: published is ${published.says}; measured is ${here}.`;
  if (published.zeroShot)
    return measured.zeroShot
      ? null
      : `${reason.slice(0, -1)}, of a model that was trained for these classes.`;
  if (measured.zeroShot || !published.metrics.includes(measured.metric)) return reason;
  return published.epoch === null || isLowestValidationLoss(measured.reported) ? null : reason;
}
