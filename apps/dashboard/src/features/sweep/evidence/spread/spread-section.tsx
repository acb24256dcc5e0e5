import type { RankStability, Sweep, VarianceAnalysis, VarianceRow } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { IntervalChart, type IntervalRow } from "../../../../shared/charts/interval-chart.js";
import {
  finiteOrNull,
  metricDifference,
  metricValue,
  pValue,
  significant,
} from "../../../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../../../shared/marks/arm-marks.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { Section } from "../../../../shared/ui/section.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { ShareOfSources } from "./variance-components.js";

/** What differs between the runs of a row, no more than was observed. */
const sourceWords = ({ source, isolated }: VarianceRow) =>
  source === "repeat"
    ? isolated
      ? "only execution varies"
      : "between repeats"
    : isolated
      ? "seed varies"
      : "requested seed varies";

const leadWords = (rows: readonly VarianceRow[]) =>
  rows.every(({ isolated }) => isolated)
    ? "Standard deviation when only one source varies; lower is more repeatable. The sentences below say how far two such runs typically lie apart, with a 95 % interval. Spreads measured with one source at a time do not add up to a whole."
    : "Standard deviation between repeats and between seeds; lower is more repeatable. The sentences below say how far two such runs typically lie apart, with a 95 % interval. It was not observed that only one source varies at a time.";

function lanesOf(analysis: VarianceAnalysis, marks: readonly ArmMark[]): IntervalRow[] {
  const { metricUnit } = analysis.provenance;
  let previous: string | null = null;
  return analysis.rows.map((row): IntervalRow => {
    const heading = row.configurationKey === previous ? undefined : row.configurationLabel;
    previous = row.configurationKey;
    const sd = finiteOrNull(row.sd);
    return {
      key: `${row.configurationKey} ${row.arm} ${row.source}`,
      ...(heading === undefined ? {} : { heading }),
      label: `${row.arm} · ${sourceWords(row)}`,
      value: sd,
      low: null,
      high: null,
      color: markOf(marks, row.arm).color,
      text: sd === null ? "not known" : metricDifference(sd, metricUnit),
    };
  });
}

function Ranking({ ranking, unit }: { ranking: RankStability; unit: string }) {
  return (
    <Section
      title="Does the best configuration stay best under another seed?"
      lead={
        ranking.reason ??
        `Kendall's W ${significant(finiteOrNull(ranking.w) ?? Number.NaN)} over ${ranking.seeds.length} seeds (1: all seeds rank alike, 0: no agreement), Friedman ${pValue(ranking.p)}; arm ${ranking.arm}.`
      }
    >
      <DataTable
        label="Mean by seed and configuration"
        rows={ranking.seeds.map((seed, index) => ({ seed, means: ranking.means[index] ?? [] }))}
        keyOf={(row) => String(row.seed)}
        columns={[
          { key: "seed", header: "Seed", cell: (row) => row.seed },
          ...ranking.configurations.map((name, index) => ({
            key: name,
            header: name,
            right: true,
            cell: (row: { means: RankStability["means"][number] }) => metricValue(row.means[index], unit),
          })),
        ]}
      />
    </Section>
  );
}

/** How much of the spread is the seed, how much the execution. */
export function SpreadSection({ sweep, metric }: { sweep: Sweep; metric: string | undefined }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "variance", metric));
  const { data } = query;
  return (
    <>
      <ChartFrame
        title="How much is the seed, how much the execution?"
        lead={leadWords(data?.rows ?? [])}
        name={`${sweep.name} spread`}
        data={data ? fromAnalysisTable(data.table) : { columns: [], rows: [] }}
        controls={<ExportLinks sweepId={sweep.id} name="variance" metric={metric} title="Spread by source" />}
      >
        <QueryView query={query} height={280} label="Loading the spread by source">
          {(analysis) =>
            analysis.rows.length === 0 ? (
              <EmptyState title="No spread yet.">Two repeats or two seeds make one.</EmptyState>
            ) : (
              <>
                <VerdictList verdicts={analysis.verdicts} />
                <IntervalChart
                  name={`Standard deviation of ${analysis.provenance.metricLabel} by source`}
                  rows={lanesOf(analysis, marks)}
                  unit={analysis.provenance.metricUnit}
                  label={`SD of ${analysis.provenance.metricLabel}`}
                  zero
                />
                {analysis.components.map((row) => (
                  <ShareOfSources key={row.arm} row={row} unit={analysis.provenance.metricUnit} />
                ))}
                <Notes notes={analysis.notes} />
              </>
            )
          }
        </QueryView>
      </ChartFrame>
      {data?.ranking ? <Ranking ranking={data.ranking} unit={data.provenance.metricUnit} /> : null}
    </>
  );
}
