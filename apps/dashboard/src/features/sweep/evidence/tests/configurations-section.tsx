import type { ComparisonResult, ConfigurationsAnalysis } from "@reprise/contracts";
import { designText } from "../../../../shared/format/designs.js";
import { metricDifference, metricValue, pValue, share } from "../../../../shared/format/numbers.js";
import { type DataColumn, DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import { Section } from "../../../../shared/ui/section.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useConfigurations } from "../../use-metric-analyses.js";

function columnsOf({ provenance, alpha }: ConfigurationsAnalysis): DataColumn<ComparisonResult>[] {
  const unit = provenance.metricUnit;
  const span = ({ low, high }: ComparisonResult["interval"]) =>
    `[${metricDifference(low, unit, { signed: true })}, ${metricDifference(high, unit, { signed: true })}]`;
  return [
    { key: "configuration", header: "Configuration", cell: ({ a }) => a },
    { key: "n", header: "Compared", cell: designText },
    {
      key: "mean",
      header: "Mean",
      right: true,
      cell: ({ meanA }) => metricValue(meanA, unit),
    },
    {
      key: "baseline",
      header: "Mean of the first",
      title: "Over the same seeds",
      right: true,
      cell: ({ meanB }) => metricValue(meanB, unit),
    },
    {
      key: "difference",
      header: `Difference, ${share(1 - alpha)} t interval`,
      right: true,
      cell: ({ difference, interval, test }) => (
        <span className="nowrap">
          {metricDifference(difference, unit, { signed: true })} {test === null ? "" : span(interval)}
        </span>
      ),
    },
    {
      key: "p",
      header: "p",
      right: true,
      cell: ({ p, adjustedP }) =>
        p === null ? (
          "–"
        ) : (
          <>
            {pValue(p)}
            <SecondLine>adjusted: {pValue(adjustedP)}</SecondLine>
          </>
        ),
    },
    {
      key: "equivalence",
      header: "Within the margin",
      title: `Two one-sided tests: the ${share(1 - 2 * alpha)} interval of the difference must lie within the margin of the plan`,
      right: true,
      cell: ({ equivalence }) =>
        equivalence ? (
          <>
            {equivalence.shown ? "shown" : "not shown"}
            <SecondLine>±{metricDifference(equivalence.margin, unit)}</SecondLine>
          </>
        ) : (
          "–"
        ),
    },
  ];
}

/** Every configuration against the first of the study; nothing where there is only one. */
export function ConfigurationsSection({ sweepId, metric }: { sweepId: string; metric: string | undefined }) {
  const query = useConfigurations(sweepId, metric);
  if (query.data?.comparisons.length === 0) return null;
  const { baseline = "the first", arm = "" } = query.data ?? {};
  return (
    <Section
      title={`Do configurations differ from ${baseline}?`}
      lead={`Each configuration against the one that the study lists first, paired on seed where seeds are shared${arm === "" ? "" : ` (arm ${arm})`}. Seeds are the observations: repeats of one are averaged first. Other pairs can be compared on the page Compare.`}
      aside={
        <ExportLinks
          sweepId={sweepId}
          name="configurations"
          metric={metric}
          title="Configurations compared"
        />
      }
    >
      <QueryView query={query} height={200} label="Loading the comparisons">
        {(analysis) => (
          <>
            {analysis.provenance.planned ? null : <VerdictList verdicts={analysis.verdicts} />}
            <DataTable
              label={`Configurations against ${analysis.baseline}`}
              caption={`${analysis.provenance.metricLabel}. ${analysis.provenance.correction}`}
              rows={analysis.comparisons}
              keyOf={({ a }) => a}
              columns={columnsOf(analysis)}
              below={({ reason }) => (reason === null ? null : <span className="dim">{reason}</span>)}
            />
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </Section>
  );
}
