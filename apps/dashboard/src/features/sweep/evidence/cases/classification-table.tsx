import type { ClassificationRow } from "@reprise/contracts";
import {
  capitalized,
  count,
  finiteOrNull,
  metricDifference,
  metricValue,
  missing,
  share,
  uncertaintiesByRow,
} from "../../../../shared/format/numbers.js";
import type { ArmMark } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";

type Spread = ClassificationRow["sensitivity"];

type Sampling = NonNullable<ClassificationRow["samplingIntervals"]>["sensitivity"];

function Figure({
  spread,
  uncertainty,
  sampling,
}: {
  spread: Spread;
  uncertainty: number | null;
  sampling: Sampling;
}) {
  const sd = finiteOrNull(spread.sd);
  return (
    <span className="nowrap">
      {metricValue(spread.mean, "fraction", uncertainty)}{" "}
      <span className="dim">
        {sd === null ? "" : `SD ${metricDifference(sd, "fraction", { uncertainty })}`}
      </span>
      {sampling ? (
        <SecondLine>
          sampling {share(sampling.low, 1)} to {share(sampling.high, 1)}
        </SecondLine>
      ) : null}
    </span>
  );
}

const rates = ["sensitivity", "specificity", "accuracy", "auc"] as const;

/** Whose sampling the intervals are about. */
function captionOf(rows: readonly ClassificationRow[]): string {
  const row = rows.find(({ grouping }) => grouping !== null);
  const clusters = row?.samplingIntervals?.accuracy.clusters;
  const units =
    row?.grouping && clusters
      ? `the ${count(clusters, row.grouping)} of the test set`
      : "the size of the test set";
  return `Mean over runs with the SD between runs; below it, the 95 % interval of that mean: what ${units} alone ${row ? "leave" : "leaves"} open.`;
}

export function ClassificationTable({
  rows,
  marks,
  binary,
}: {
  rows: readonly ClassificationRow[];
  marks: readonly ArmMark[];
  binary: boolean;
}) {
  const shown = binary ? rates : (["accuracy"] as const);
  // As many decimals down a column as tables in files have.
  const roundings = new Map(
    shown.map((rate) => [
      rate,
      uncertaintiesByRow(
        rows.map((row) => finiteOrNull(row[rate].sd)),
        "fraction",
      ),
    ]),
  );
  return (
    <DataTable
      label={`${binary ? "Sensitivity and specificity" : "Accuracy"} by group`}
      caption={captionOf(rows)}
      rows={rows}
      keyOf={(row) => `${row.group.configurationKey} ${row.group.seed} ${row.arm}`}
      columns={[
        { key: "configuration", header: "Configuration", cell: (row) => row.group.configurationLabel },
        { key: "seed", header: "Seed", right: true, cell: (row) => row.group.seed },
        {
          key: "arm",
          header: "Arm",
          cell: (row) => <ArmName arm={row.arm} marks={marks} />,
        },
        { key: "n", header: "n", right: true, cell: (row) => row.n },
        ...shown.map((rate) => ({
          key: rate,
          header: rate === "auc" ? "AUC" : capitalized(rate),
          cell: (row: ClassificationRow) => (
            <Figure
              spread={row[rate]}
              uncertainty={roundings.get(rate)?.[rows.indexOf(row)] ?? null}
              sampling={row.samplingIntervals?.[rate] ?? null}
            />
          ),
        })),
        {
          key: "churn",
          header: "Two runs disagree on",
          cell: (row) => (row.churn === null ? missing : `${share(row.churn, 1)} of cases`),
        },
        {
          key: "flipped",
          header: "Cases that flip",
          title: "Cases that the n runs of the row do not all classify identically",
          cell: (row) =>
            row.flippedCases === null
              ? missing
              : `${count(row.flippedCases)}${row.testCases === null ? "" : ` of ${count(row.testCases)}`}`,
        },
      ]}
    />
  );
}
