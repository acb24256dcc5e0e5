import type { ReadersRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { IntervalChart, type IntervalRow } from "../../../../shared/charts/interval-chart.js";
import { finiteOrNull, metricDifference, pValue } from "../../../../shared/format/numbers.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";

const names = { auc: "AUC", sensitivity: "sensitivity", specificity: "specificity", accuracy: "accuracy" };
/** Comparisons that are drawn; further ones are in the data table and in the files. */
const shownRows = 24;

const contrastOf = ({ contrast, a, b }: ReadersRow) =>
  contrast === "mode"
    ? `${a.configurationLabel}: ${a.arm} − ${b.arm}`
    : `${a.configurationLabel} − ${b.configurationLabel} (${a.arm})`;

function lanesOf(rows: readonly ReadersRow[]): IntervalRow[] {
  let last = "";
  return rows.map((row) => {
    const heading = contrastOf(row);
    const isNew = heading !== last;
    last = heading;
    return {
      key: `${heading} ${row.metric}`,
      ...(isNew ? { heading } : {}),
      label: names[row.metric],
      value: finiteOrNull(row.difference),
      low: finiteOrNull(row.low),
      high: finiteOrNull(row.high),
      color: "var(--ink-2)",
      text:
        row.adjustedP === null
          ? metricDifference(row.difference, "fraction", { signed: true })
          : `${metricDifference(row.difference, "fraction", { signed: true })} · adj. ${pValue(row.adjustedP)}`,
    };
  });
}

/** Would the difference be there with other trainings and other patients? Nothing where two sides have no two runs each. */
export function ReadersSection({ sweep }: { sweep: Sweep }) {
  const query = useQuery(analysisQuery(sweep.id, "readers"));
  const rows = query.data?.rows ?? [];
  if (query.data && rows.length === 0) return null;
  const patients = rows.some(({ clusters }) => clusters !== null);
  const seeds = rows.some(({ reader }) => reader === "seed");
  return (
    <ChartFrame
      title={`Would the difference hold with other trainings and other ${patients ? "patients" : "cases"}?`}
      lead={`Differences with 95 % intervals that let ${seeds ? "seeds" : "repeats"} and test cases vary at once: ${seeds ? "seeds" : "repeats"} are the readers of a multi-reader study. An interval that crosses zero shows neither a difference nor equality.`}
      name={`${sweep.name} readers`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={<ExportLinks sweepId={sweep.id} name="readers" title="Other trainings, other patients" />}
    >
      <QueryView query={query} height={320} label="Loading comparisons for other trainings and cases">
        {(analysis) => (
          <>
            <VerdictList verdicts={analysis.verdicts} />
            <IntervalChart
              name="Differences for other trainings and other cases"
              rows={lanesOf(rows.slice(0, shownRows))}
              unit="fraction"
              label="difference"
              zero
            />
            {rows.length > shownRows ? (
              <Note>
                {rows.length - shownRows} further comparisons are in the data table and in the files.
              </Note>
            ) : null}
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </ChartFrame>
  );
}
