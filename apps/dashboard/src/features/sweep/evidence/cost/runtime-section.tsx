import type { RuntimeAnalysis, RuntimeTest, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { diamond, dot, Legend } from "../../../../shared/charts/legend.js";
import { PairedDots, type PairedRow } from "../../../../shared/charts/paired-dots.js";
import { finiteOrNull, percent, pValue, significant } from "../../../../shared/format/numbers.js";
import { duration } from "../../../../shared/format/time.js";
import { type ArmMark, armColors, markOf } from "../../../../shared/marks/arm-marks.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";

const msPerMinute = 60_000;

function minutes(value: RuntimeTest["differenceMinutes"]): string {
  const number = finiteOrNull(value);
  if (number === null) return "–";
  const text = duration(Math.abs(number) * msPerMinute);
  return number < 0 ? `−${text}` : text;
}

function rowsOf(analysis: RuntimeAnalysis, marks: readonly ArmMark[]): PairedRow[] {
  let previous: string | null = null;
  const det = marks.find((mark) => mark.kind === "deterministic")?.color ?? armColors.deterministic;
  return analysis.rows.flatMap((row): PairedRow[] => {
    const from = finiteOrNull(row.deterministicMinutes);
    const to = finiteOrNull(row.meanMinutes);
    if (from === null || to === null) return [];
    const heading = row.group.configurationKey === previous ? null : row.group.configurationLabel;
    previous = row.group.configurationKey;
    return [
      {
        key: `${row.group.configurationKey} ${row.group.seed} ${row.arm}`,
        heading,
        label: `seed ${row.group.seed} · ${row.arm}`,
        from: { value: from * 60, color: det, name: `deterministic ${duration(from * msPerMinute)}` },
        to: {
          value: to * 60,
          color: markOf(marks, row.arm).color,
          name: `${row.arm} ${duration(to * msPerMinute)}`,
        },
        text: percent(row.percent, 1),
      },
    ];
  });
}

function TestTable({ tests }: { tests: readonly RuntimeTest[] }) {
  return (
    <DataTable
      label="Wall time, paired over seeds"
      caption="Paired over seeds: mean difference between an arm and the deterministic one."
      rows={tests}
      keyOf={(row) => `${row.configurationKey} ${row.arm}`}
      columns={[
        { key: "configuration", header: "Configuration", cell: (row) => row.configurationLabel },
        { key: "arm", header: "Arm", cell: (row) => row.arm },
        { key: "seeds", header: "Seeds", right: true, cell: (row) => row.seeds },
        { key: "percent", header: "Difference", right: true, cell: (row) => percent(row.percent, 1) },
        {
          key: "interval",
          header: "95 % interval",
          right: true,
          cell: (row) =>
            row.reason ?? `${minutes(row.differenceInterval.low)} to ${minutes(row.differenceInterval.high)}`,
        },
        {
          key: "t",
          header: "t (df)",
          right: true,
          cell: (row) => {
            const t = finiteOrNull(row.t);
            return t === null ? "–" : `${significant(t)} (${finiteOrNull(row.df) ?? "–"})`;
          },
        },
        { key: "p", header: "p", right: true, cell: (row) => pValue(row.p) },
        { key: "adjusted", header: "Adjusted p", right: true, cell: (row) => pValue(row.adjustedP) },
        { key: "wilcoxon", header: "Wilcoxon", right: true, cell: (row) => pValue(row.wilcoxonP) },
      ]}
    />
  );
}

/** Table IV: what fixing the order of additions costs in time. */
export function RuntimeSection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "runtime"));
  return (
    <ChartFrame
      title="What does determinism cost in time?"
      lead="Wall time from start to end of each run, per configuration and seed; lower is better. The percentage is the arm's mean relative to the deterministic runs."
      name={`${sweep.name} wall time`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={<ExportLinks sweepId={sweep.id} name="runtime" title="Wall time" />}
      legend={
        <Legend
          items={marks.map((mark) => ({
            mark: mark.kind === "deterministic" ? diamond(mark.color) : dot(mark.color),
            text: mark.name,
          }))}
        />
      }
    >
      <QueryView query={query} height={280} label="Loading wall times">
        {(analysis) =>
          analysis.rows.length === 0 ? (
            <EmptyState title="No pair of arms to compare yet.">
              A row appears when a deterministic and another run of one configuration and seed have ended.
            </EmptyState>
          ) : (
            <>
              <VerdictList verdicts={analysis.verdicts} />
              <PairedDots
                name={`Mean wall time of ${analysis.rows.length} groups beside their deterministic runs`}
                rows={rowsOf(analysis, marks)}
                label="wall time of a run, s · lower is better"
              />
              <TestTable tests={analysis.tests} />
              <Notes notes={analysis.notes} />
            </>
          )
        }
      </QueryView>
    </ChartFrame>
  );
}
