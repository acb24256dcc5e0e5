import type { Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { type MetricChoice, metricChoices } from "./metric-choices.js";
import { sweepRunSampleQuery } from "./queries.js";
import { readOnce, useDeterminism } from "./use-metric-analyses.js";

/** Metrics of the study's runs, by what the first few report. */
export function useMetricChoices(sweep: Sweep): MetricChoice[] {
  const trainers = useQuery(trainersQuery).data;
  const sample = useQuery({ ...sweepRunSampleQuery(sweep.id), ...readOnce }).data;
  return useMemo(() => metricChoices(trainers ?? [], sweep, sample ?? []), [trainers, sweep, sample]);
}

/** The metric that figures are of where the reader asked for `asked`: the planned one if for none. */
export function useShownMetric(sweep: Sweep, asked: string | undefined) {
  const choices = useMetricChoices(sweep);
  const { data } = useDeterminism(sweep.id, asked);
  const key = data?.provenance.metric ?? asked ?? sweep.spec.analysisPlan?.primaryMetric;
  return { key, choice: choices.find((candidate) => candidate.key === key), choices };
}
