import {
  type HyperparameterEffect,
  type ImportanceAnalysis,
  metricFacts,
  metricsOfStudy,
  type Sweep,
} from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { IntervalChart, type IntervalRow } from "../../../../shared/charts/interval-chart.js";
import { finiteOrNull, metricDifference, pValue, share } from "../../../../shared/format/numbers.js";
import { parameterText } from "../../../../shared/format/parameters.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";

const effectName = (effect: HyperparameterEffect) =>
  `${parameterText(effect.level)} against ${parameterText(effect.baseline)}`;

function lanesOf({ effects, provenance }: ImportanceAnalysis): IntervalRow[] {
  let previous: string | null = null;
  return effects.map((effect): IntervalRow => {
    const heading = effect.parameter === previous ? undefined : effect.parameter;
    previous = effect.parameter;
    return {
      key: `${effect.parameter} ${effectName(effect)}`,
      ...(heading === undefined ? {} : { heading }),
      label: effectName(effect),
      value: finiteOrNull(effect.difference),
      low: finiteOrNull(effect.interval.low),
      high: finiteOrNull(effect.interval.high),
      color: "#009E73",
      text:
        effect.reason ??
        `${metricDifference(effect.difference, provenance.metricUnit, { signed: true })}, ${pValue(effect.adjustedP)}`,
    };
  });
}

function Shares({ analysis }: { analysis: ImportanceAnalysis }) {
  if (!analysis.shares) {
    return analysis.sharesReason ? <Note>No importance: {analysis.sharesReason}</Note> : null;
  }
  return (
    <DataTable
      label="Importance of hyperparameters"
      caption="Share of each main effect in the variance between configurations; the range is over seeds."
      rows={analysis.shares}
      keyOf={(row) => row.parameter}
      columns={[
        { key: "parameter", header: "Hyperparameter", cell: (row) => row.parameter },
        { key: "share", header: "Share", right: true, cell: (row) => share(row.share, 1) },
        {
          key: "range",
          header: "Over seeds",
          right: true,
          cell: (row) => `${share(row.range.low, 1)} to ${share(row.range.high, 1)}`,
        },
        {
          key: "bar",
          header: <span className="visually-hidden">Drawn</span>,
          cell: (row) => (
            <span
              aria-hidden
              style={{
                display: "block",
                height: 8,
                borderRadius: 2,
                background: "#009E73",
                width: Math.max(1, (finiteOrNull(row.share) ?? 0) * 240),
              }}
            />
          ),
        },
      ]}
    />
  );
}

/** What each hyperparameter does, everything else alike, paired on seed. */
export function HyperparameterSection({ sweep, metric }: { sweep: Sweep; metric: string | undefined }) {
  // A test metric is refused here; the server then takes the planned validation counterpart.
  const isTest = metric !== undefined && metricFacts(metric, metricsOfStudy(sweep)).split === "test";
  const shown = isTest ? undefined : metric;
  const query = useQuery(analysisQuery(sweep.id, "importance", shown));
  return (
    <ChartFrame
      title="Which hyperparameter makes the difference?"
      lead="Mean change from the first level of a hyperparameter to another, everything else alike, paired on seed; with 95 % interval. Decided on validation, never on the test split."
      name={`${sweep.name} effects`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={
        <ExportLinks sweepId={sweep.id} name="importance" metric={shown} title="Effects of hyperparameters" />
      }
    >
      <QueryView query={query} height={280} label="Loading the effects">
        {(analysis) => (
          <>
            <VerdictList verdicts={analysis.verdicts} />
            {analysis.effects.length === 0 ? (
              <EmptyState title="No effect can be separated.">
                An effect needs two configurations that differ in one hyperparameter only, at two seeds or
                more.
              </EmptyState>
            ) : (
              <>
                <IntervalChart
                  name={`Effects of ${analysis.effects.length} levels of hyperparameters on ${analysis.provenance.metricLabel}`}
                  rows={lanesOf(analysis)}
                  unit={analysis.provenance.metricUnit}
                  label={`difference of ${analysis.provenance.metricLabel}, arm ${analysis.arm}`}
                  zero
                />
                <Shares analysis={analysis} />
              </>
            )}
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </ChartFrame>
  );
}
