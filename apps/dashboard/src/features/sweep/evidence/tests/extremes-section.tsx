import type { ExtremesRow } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { metricDifference, metricValue } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import { Section } from "../../../../shared/ui/section.js";
import { NoValues } from "../../no-values.js";

const groupings: Record<ExtremesRow["grouping"], string> = {
  all: "all runs",
  optimizer: "optimizer",
  configuration: "configuration",
};

function Extreme({ extreme, unit }: { extreme: ExtremesRow["best"]; unit: string }) {
  if (!extreme) return <>–</>;
  return (
    <>
      <Link to="/runs/$runId" params={{ runId: extreme.runId }}>
        {metricValue(extreme.value, unit)}
      </Link>
      <SecondLine>
        seed {extreme.seed} · {extreme.arm} {extreme.repeat + 1}
        {extreme.diverged ? " · diverged" : ""}
      </SecondLine>
    </>
  );
}

/** Table I: the best and the worst run of everything, of each optimizer and of each configuration. */
export function ExtremesSection({ sweepId, metric }: { sweepId: string; metric: string | undefined }) {
  const query = useQuery(analysisQuery(sweepId, "extremes", metric));
  return (
    <Section
      title="How far apart are the best and the worst run?"
      lead="Extremes move apart as runs are added, so they cannot compare groups of unequal size; the best of many runs is better than what the same training can be expected to reach again."
      aside={<ExportLinks sweepId={sweepId} name="extremes" metric={metric} title="Best and worst runs" />}
    >
      <QueryView query={query} height={200} label="Loading the extremes">
        {({ rows, provenance, notes }) =>
          rows.length === 0 ? (
            <NoValues analysis={{ provenance, notes }} />
          ) : (
            <>
              <DataTable
                label={`Best and worst runs by ${provenance.metricLabel}`}
                rows={rows}
                keyOf={(row) => `${row.grouping} ${row.label}`}
                columns={[
                  { key: "label", header: "Runs", cell: (row) => row.label },
                  { key: "by", header: "By", cell: (row) => groupings[row.grouping] },
                  { key: "n", header: "n", right: true, cell: (row) => row.n },
                  { key: "seeds", header: "Seeds", right: true, cell: (row) => row.seeds },
                  {
                    key: "best",
                    header: "Best",
                    right: true,
                    cell: (row) => <Extreme extreme={row.best} unit={provenance.metricUnit} />,
                  },
                  {
                    key: "worst",
                    header: "Worst",
                    right: true,
                    cell: (row) => <Extreme extreme={row.worst} unit={provenance.metricUnit} />,
                  },
                  {
                    key: "range",
                    header: "Range",
                    right: true,
                    cell: (row) => metricDifference(row.range, provenance.metricUnit),
                  },
                  {
                    key: "optimism",
                    header: "Best of n beyond the mean",
                    title:
                      "Expected of n equally good runs with this SD if values were normal: a paper that reports only its best run overstates its result by this much (Picard, 2021)",
                    right: true,
                    cell: (row) => metricDifference(row.optimism, provenance.metricUnit),
                  },
                ]}
              />
              <Notes notes={notes} />
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
