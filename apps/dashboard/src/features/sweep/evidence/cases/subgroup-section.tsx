import type { SubgroupRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { IntervalChart, type IntervalRow } from "../../../../shared/charts/interval-chart.js";
import {
  capitalized,
  finiteOrNull,
  metricDifference,
  missing,
  share,
} from "../../../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { panelsOf } from "./scope-panels.js";

/** "1.4 pp" */
const points = (value: SubgroupRow["testSetSd"]) =>
  value === null ? missing : metricDifference(value, "fraction");

const inPercent = (value: SubgroupRow["testSetSd"]) => {
  const found = finiteOrNull(value);
  return found === null ? null : 100 * found;
};

const nameOf = ({ column, value }: SubgroupRow) => (value === null ? "all cases" : `${column} ${value}`);

function lanesOf(rows: readonly SubgroupRow[], marks: readonly ArmMark[]): IntervalRow[] {
  let last = "";
  return rows.map((row) => {
    const { scope, accuracy } = row;
    const heading = `${scope.configurationLabel}${scope.seed === null ? "" : ` · seed ${scope.seed}`}`;
    const isNew = heading !== last;
    last = heading;
    return {
      key: `${heading} ${scope.arm} ${row.column} ${row.value}`,
      ...(isNew ? { heading } : {}),
      label: `${scope.arm} · ${nameOf(row)} (${row.cases})`,
      value: inPercent(accuracy.mean),
      low: inPercent(accuracy.low),
      high: inPercent(accuracy.high),
      color: row.value === null ? "var(--ink-2)" : markOf(marks, scope.arm).color,
      text: `${share(accuracy.mean, 1)} · SD ${points(accuracy.sd)}`,
    };
  });
}

/** Does it work as well for everybody? Nothing where no column of the cases is declared. */
export function SubgroupSection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "subgroups"));
  const rows = query.data?.rows ?? [];
  if (query.data && rows.length === 0) return null;
  const shown = panelsOf(rows).flatMap(([, own]) => own);
  const columns = [...new Set(rows.map(({ column }) => column))].join(", ");
  return (
    <ChartFrame
      title={`Does it work as well for everybody? By ${columns}`}
      lead="Test accuracy of every subgroup, with the 95 % interval for other cases of it, and the SD between runs. A small subgroup varies more because of its size alone; the table gives the SD that its size accounts for."
      name={`${sweep.name} subgroups`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={<ExportLinks sweepId={sweep.id} name="subgroups" title="Results by subgroup" />}
    >
      <QueryView query={query} height={320} label="Loading subgroups">
        {(analysis) => (
          <>
            <IntervalChart
              name="Test accuracy by subgroup"
              rows={lanesOf(shown, marks)}
              unit=""
              label="test accuracy in %, higher is better"
            />
            <DataTable
              label="Subgroups"
              caption="SD between runs of accuracy, over that of all cases, and what a test set of this size accounts for. Rates are means over runs."
              rows={shown}
              keyOf={(row) =>
                `${row.scope.configurationKey} ${row.scope.seed} ${row.scope.arm} ${row.column} ${row.value}`
              }
              columns={[
                {
                  key: "configuration",
                  header: "Configuration",
                  cell: ({ scope }) => scope.configurationLabel,
                },
                { key: "arm", header: "Arm", cell: ({ scope }) => <ArmName arm={scope.arm} marks={marks} /> },
                { key: "subgroup", header: "Subgroup", cell: nameOf },
                { key: "cases", header: "Cases", right: true, cell: (row) => row.cases },
                ...(shown.some(({ clusters }) => clusters !== null)
                  ? [
                      {
                        key: "clusters",
                        header: shown[0]?.scope.grouping
                          ? capitalized(`${shown[0].scope.grouping}s`)
                          : "Groups",
                        right: true,
                        cell: (row: SubgroupRow) => row.clusters ?? missing,
                      },
                    ]
                  : []),
                {
                  key: "sensitivity",
                  header: "Sensitivity",
                  right: true,
                  cell: (row) => (row.sensitivity ? share(row.sensitivity.mean, 1) : missing),
                },
                {
                  key: "specificity",
                  header: "Specificity",
                  right: true,
                  cell: (row) => (row.specificity ? share(row.specificity.mean, 1) : missing),
                },
                { key: "sd", header: "SD", right: true, cell: ({ accuracy }) => points(accuracy.sd) },
                {
                  key: "ratio",
                  header: "over all cases",
                  title: "SD of the subgroup over that of all cases",
                  right: true,
                  cell: ({ accuracy }) => {
                    const ratio = finiteOrNull(accuracy.sdRatio);
                    return ratio === null ? missing : `× ${ratio.toFixed(2)}`;
                  },
                },
                {
                  key: "size",
                  header: "by its size",
                  title: "SD that a test set of this size accounts for",
                  right: true,
                  cell: (row) => points(row.testSetSd),
                },
              ]}
            />
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </ChartFrame>
  );
}
