import type { BesideReference, DeterminismRow } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import type { PublishedValues } from "../../../../shared/charts/distribution-lanes.js";
import { besideQuery } from "../../queries.js";
import { everyDataset, publishedChoice } from "./published-choice.js";

/** A published figure in the unit of the metric, which is a fraction wherever a published table matches. */
function inMetricUnit(row: BesideReference["rows"][number] | undefined): number | null {
  if (!row) return null;
  return row.unit === "percent" ? row.publishedValue / 100 : row.publishedValue;
}

/**
 * Published values to draw among the measured ones: only of the data set that somebody chose under "Published", because
 * those of another would look like a comparison that nobody has made. Null when none is chosen.
 */
export function usePublishedValues(sweepId: string, published: string, metric: string | undefined) {
  const { reference, dataset } = publishedChoice(published);
  const chosen = reference !== "" && dataset !== "" && dataset !== everyDataset && metric !== undefined;
  const beside = useQuery({
    ...besideQuery(sweepId, { reference, dataset, analysis: "determinism", metric }),
    enabled: chosen,
  });
  // A published figure of another quantity than the one on the axis has no place on it.
  const rows = (beside.data?.rows ?? []).filter(({ measured }) => measured !== null);
  if (!chosen || rows.length === 0) return null;
  return ({ group }: DeterminismRow, arm: string): PublishedValues | null => {
    const own = rows.filter(
      (row) =>
        row.configuration === group.configurationLabel &&
        row.arm === arm &&
        (row.seed === null || row.seed === group.seed),
    );
    const printed = (role: string) => inMetricUnit(own.find((row) => row.role === role));
    const values = { deterministic: printed("reference"), mean: printed("mean") };
    return values.deterministic === null && values.mean === null ? null : values;
  };
}
