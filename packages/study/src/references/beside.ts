import {
  type AuditColumn,
  type BesideReference,
  type ColumnRole,
  decodeNumber,
  type Group,
  type PublishedAnalysis,
  type ReferenceStudy,
  type SignificanceAnalysis,
  type WireNumber,
} from "@reprise/contracts";
import { unitFactor, unitKind } from "../audit/printed.js";
import {
  columnOf,
  columnsWith,
  labelOf,
  nameOf,
  numberAt,
  type Row,
  rowsOf,
  textAt,
} from "../audit/tables.js";
import { isSubject } from "./printed-experiments.js";
import {
  type MeasuredQuantity,
  quantityOf,
  quantitySentence,
  type ReportedEpoch,
  whyAnother,
} from "./quantities.js";

/** A measured cell: what a published column of the same role can be held against. */
type Measured = {
  group: Group;
  arm: string;
  /** Zero-shot question of a classification row; null or absent for the classes of the data set. */
  question?: string | null;
  /** What was measured, for every role alike; a classification row has a rate per role. */
  quantity: (role: ColumnRole) => Omit<MeasuredQuantity, "reported">;
  /** Values by role, in the metric's unit; relative changes in percent. */
  values: Partial<Record<ColumnRole, WireNumber | null>>;
};

function measuredOf(analysis: PublishedAnalysis): Measured[] {
  const { metric, metricLabel } = analysis.provenance;
  const quantity = () => ({ metric, label: metricLabel, zeroShot: false });
  if (analysis.analysis === "determinism")
    return analysis.rows.flatMap(({ group, deterministic, others }) =>
      others.map(({ arm, mean, sd, range, deltaPercent }) => ({
        group,
        arm,
        quantity,
        values: {
          reference: deterministic?.values[0],
          mean,
          sd,
          range,
          relativeChange: deltaPercent,
        },
      })),
    );
  if (analysis.analysis === "significance")
    return analysis.rows.map(({ group, arm, deterministicValue, mean, sd }) => ({
      group,
      arm,
      quantity,
      values: { reference: deterministicValue, mean, sd },
    }));
  return analysis.rows.map(({ group, arm, question, accuracy, sensitivity, specificity }) => ({
    group,
    arm,
    question,
    quantity: (role) => ({
      metric: `test${role.charAt(0).toUpperCase()}${role.slice(1)}`,
      label: question ? `the ${role} for the question ${question}` : `the test ${role}`,
      zeroShot: Boolean(question),
    }),
    values: { accuracy: accuracy.mean, sensitivity: sensitivity.mean, specificity: specificity.mean },
  }));
}

/** By label, or by optimizer; and by seed where the published row has one. */
function isSame(row: Row, { configurationLabel, params, seed }: Group): boolean {
  const equal = (key: string, value: unknown) =>
    textAt(row, key).toLowerCase() === String(value).toLowerCase();
  const { table } = row;
  const label = columnOf(table, "configuration") !== undefined && equal("configuration", configurationLabel);
  const optimizer = columnOf(table, "optimizer") !== undefined && equal("optimizer", params.optimizer ?? "");
  if (!label && !optimizer) return false;
  return columnOf(table, "seed") === undefined || equal("seed", seed);
}

/** Runtime and secondary metrics have a subject of their own; the data sets of a classification table are subjects too. */
function isAbout(
  row: Row,
  column: AuditColumn,
  dataset: string | undefined,
  analysis: PublishedAnalysis,
): boolean {
  const isClassification = analysis.analysis === "classification";
  if (column.subject !== "") return isClassification && (dataset === undefined || column.subject === dataset);
  return (
    dataset === undefined ||
    (columnOf(row.table, "dataset") !== undefined && textAt(row, "dataset") === dataset)
  );
}

/** In the published unit, or null where the two units do not convert. */
function inUnitOf(column: AuditColumn, value: number, metricUnit: string): number | null {
  if (unitKind(column.unit) !== "share" || metricUnit !== "fraction") return null;
  if (column.role === "relativeChange") return column.unit === "percent" ? value : value / 100;
  return value / unitFactor(column.unit);
}

type BesideRow = BesideReference["rows"][number];

/** `dataset` keeps the published rows (or columns) about that data set only; `reported` says of which epoch figures are. */
export type BesideOptions = { dataset?: string | undefined; reported: ReportedEpoch };

/** What is known of every quantity that some row prints. */
function quantityNotes(
  reference: ReferenceStudy,
  { dataset }: BesideOptions,
  rows: readonly BesideRow[],
): string[] {
  if (rows.length === 0) return [];
  return reference.quantities
    .filter((quantity) => dataset === undefined || quantity.dataset === dataset)
    .map((quantity) => `Published: ${quantitySentence(quantity)}`);
}

function cellRows(
  reference: ReferenceStudy,
  analysis: PublishedAnalysis,
  { dataset, reported }: BesideOptions,
): BesideRow[] {
  const unit = analysis.analysis === "classification" ? "fraction" : analysis.provenance.metricUnit;
  return measuredOf(analysis).flatMap(({ group, arm, question, quantity, values }) =>
    reference.tables.flatMap((table) =>
      rowsOf(table)
        .filter((row) => isSame(row, group))
        .flatMap((row) =>
          table.columns.flatMap((column): BesideRow[] => {
            const value = values[column.role];
            const printed = numberAt(row, column.key);
            if (value === null || value === undefined || !printed || !isAbout(row, column, dataset, analysis))
              return [];
            if (question && !isSubject(column, question)) return [];
            const measured = inUnitOf(column, decodeNumber(value), unit);
            if (measured === null || !Number.isFinite(measured)) return [];
            const reason = whyAnother(quantityOf(reference, row, column), {
              ...quantity(column.role),
              reported,
            });
            return [
              {
                table: table.name,
                row: nameOf(row),
                configuration: group.configurationLabel,
                seed: group.seed,
                arm,
                quantity: labelOf(column),
                role: column.role,
                unit: column.unit,
                published: printed.text,
                publishedValue: printed.value,
                measured: reason === null ? measured : null,
                difference: reason === null ? measured - printed.value : null,
                reason,
              },
            ];
          }),
        ),
    ),
  );
}

/** Published "2/5" beside the share of one-sample tests that the measured study calls significant, uncorrected as published. */
function countRows(
  reference: ReferenceStudy,
  analysis: SignificanceAnalysis,
  { dataset, reported }: BesideOptions,
): BesideRow[] {
  const { metric, metricLabel } = analysis.provenance;
  return reference.tables.flatMap((table) =>
    columnsWith(table, "significantCount").flatMap((column) =>
      rowsOf(table)
        .filter((row) => isAbout(row, column, dataset, analysis))
        .flatMap((row) => {
          const tested = analysis.rows.filter(
            ({ group, oneSample }) =>
              oneSample.p !== null &&
              String(group.params.optimizer ?? "").toLowerCase() === textAt(row, "optimizer").toLowerCase(),
          );
          return [...new Set(tested.map(({ arm }) => arm))].flatMap((arm): BesideRow[] => {
            const own = tested.filter((candidate) => candidate.arm === arm);
            const published = textAt(row, column.key);
            const [count, of] = published.split("/").map(Number);
            const publishedValue = /^all$/i.test(published) ? 1 : Number(count) / Number(of);
            if (!Number.isFinite(publishedValue)) return [];
            const rejected = own.filter(
              ({ oneSample }) => decodeNumber(oneSample.p ?? 1) < analysis.alpha,
            ).length;
            const measured = rejected / own.length;
            const reason = whyAnother(quantityOf(reference, row, column), {
              ...{ metric, label: metricLabel, zeroShot: false, reported },
            });
            return [
              {
                table: table.name,
                row: nameOf(row),
                configuration: textAt(row, "optimizer").toLowerCase(),
                seed: null,
                arm,
                quantity:
                  reason === null
                    ? `${labelOf(column)} (share; ${rejected} of ${own.length} here)`
                    : `${labelOf(column)} (share)`,
                role: column.role,
                unit: column.unit,
                published,
                publishedValue,
                measured: reason === null ? measured : null,
                difference: reason === null ? measured - publishedValue : null,
                reason,
              },
            ];
          });
        }),
    ),
  );
}

/**
 * Lays a measured table beside the published ones, row by row where configurations match by label, or by optimizer, and by
 * seed. Values are in the published units. A number stands beside a published one only where both are the same quantity; else
 * the row says what each of them is.
 */
export function besideReference(
  reference: ReferenceStudy,
  analysis: PublishedAnalysis,
  options: BesideOptions,
): BesideReference {
  const { dataset } = options;
  const rows = [
    ...cellRows(reference, analysis, options),
    ...(analysis.analysis === "significance" ? countRows(reference, analysis, options) : []),
  ];
  const groups = [
    ...new Set(measuredOf(analysis).map(({ group }) => `${group.configurationLabel}, seed ${group.seed}`)),
  ];
  const matched = new Set(rows.map(({ configuration, seed }) => `${configuration}, seed ${seed}`));
  const used = new Set(rows.map(({ table, row }) => `${table}, ${row}`));
  const published = reference.tables
    .filter(({ name }) => rows.some(({ table }) => table === name))
    .flatMap((table) => rowsOf(table).map((row) => `${table.name}, ${nameOf(row)}`));
  return {
    reference: reference.name,
    analysis: analysis.analysis,
    metric: analysis.provenance.metric,
    notes: [
      "Rows are matched by the label of the configuration, or by its optimizer, and by seed where the published row has one; equal names do not make equal models, data or hardware.",
      "Differences are measured minus published, in the published unit (percentage points where it prints percent).",
      ...quantityNotes(reference, options, rows),
      ...(dataset === undefined
        ? ["No data set was chosen: a measured row stands beside the published row of every data set."]
        : []),
      ...(rows.length === 0
        ? [
            "Nothing matches: no configuration has a published label or optimizer with one of the published seeds, or the metric is not a share.",
          ]
        : []),
    ],
    rows,
    unmatchedMeasured: groups.filter((name) => !matched.has(name)),
    unmatchedPublished: published.filter((name) => !used.has(name)),
  };
}
