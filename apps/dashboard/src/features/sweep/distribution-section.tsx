import { chanceLevel, type DeterminismAnalysis, metricFacts, type Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { type ChartData, fromAnalysisTable } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { DistributionChart } from "../../shared/charts/distribution-chart.js";
import { DistributionLegend, predictionBandWords } from "../../shared/charts/distribution-legend.js";
import { finiteOrNull, shortLabel } from "../../shared/format/numbers.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { publishedChoice } from "./evidence/published/published-choice.js";
import { usePublishedValues } from "./evidence/published/use-published-values.js";
import { directionWords } from "./metric-choices.js";
import { NoValues } from "./no-values.js";
import { useArmMarks } from "./use-arm-marks.js";
import { useDeterminism } from "./use-metric-analyses.js";
import { useShownMetric } from "./use-metric-choices.js";

function dataOf(analysis: DeterminismAnalysis | undefined): ChartData {
  if (!analysis) return { columns: [], rows: [] };
  const rows = analysis.rows.flatMap((row) =>
    [...(row.deterministic ? [row.deterministic] : []), ...row.others].flatMap((arm) =>
      arm.values.map((value, index) => [
        row.group.configurationLabel,
        row.group.seed,
        arm.arm,
        arm.runIds[index] ?? null,
        finiteOrNull(value) ?? String(value),
      ]),
    ),
  );
  if (rows.length === 0) return fromAnalysisTable(analysis.table);
  return { columns: ["configuration", "seed", "arm", "run", analysis.provenance.metric], rows };
}

export function DistributionSection({
  sweep,
  metric: asked,
  published,
}: {
  sweep: Sweep;
  metric: string | undefined;
  /** The published study to draw beside, as it stands in the address. */
  published: string;
}) {
  const query = useDeterminism(sweep.id, asked);
  const marks = useArmMarks(sweep);
  const { choice } = useShownMetric(sweep, asked);
  const trainers = useQuery(trainersQuery).data ?? [];
  const provenance = query.data?.provenance;
  const classes = trainers
    .flatMap((trainer) => trainer.capabilities.datasets)
    .find((dataset) => dataset.name === sweep.spec.dataset.name)?.classes.length;
  const announced = trainers.find(({ capabilities }) => capabilities.name === sweep.spec.trainer);
  const chance = provenance
    ? chanceLevel(metricFacts(provenance.metric, announced?.capabilities.metrics ?? []), classes)
    : null;
  const others = marks.filter((mark) => mark.kind !== "deterministic");
  const { dataset } = publishedChoice(published);
  const beside = usePublishedValues(sweep.id, published, provenance?.metric);
  const direction = choice?.direction;
  const metric = useMemo(
    () => ({
      label: shortLabel(provenance?.metricLabel ?? "", provenance?.metric),
      unit: provenance?.metricUnit ?? "",
      direction: directionWords(direction),
      chance,
    }),
    [provenance?.metricLabel, provenance?.metric, provenance?.metricUnit, direction, chance],
  );
  const data = useMemo(() => dataOf(query.data), [query.data]);
  return (
    <ChartFrame
      title={others.length > 0 ? "Is the deterministic run an ordinary draw?" : "Where do the runs end?"}
      lead={
        others.length > 0
          ? `Points are single repeats; ${predictionBandWords}. A diamond inside its band is not unusual. Figures: mean ± SD of the repeats.`
          : "Values per configuration and seed. The study has one arm, so nothing shows how far its executions scatter."
      }
      name={`${sweep.name} ${provenance?.metric ?? "metric"} distribution`}
      data={data}
      legend={
        <DistributionLegend arms={marks} published={beside ? dataset : null} hasChance={chance !== null} />
      }
    >
      <QueryView query={query} height={260} label="Loading the distributions">
        {(analysis) =>
          analysis.rows.some((row) => (row.deterministic?.n ?? 0) > 0 || row.others.length > 0) ? (
            <DistributionChart
              rows={analysis.rows}
              arms={marks}
              publishedOf={beside ?? undefined}
              metric={metric}
            />
          ) : (
            <NoValues analysis={analysis} />
          )
        }
      </QueryView>
    </ChartFrame>
  );
}
