import type { Provenance } from "@reprise/contracts";
import { EmptyState } from "../../shared/ui/states.js";

/** In place of values: whether they are still to come, or no run that has ended has the metric. */
export function NoValues({ provenance }: { provenance: Provenance }) {
  const { runsPending, metricLabel } = provenance;
  return runsPending > 0 ? (
    <EmptyState title={`No run has ended with ${metricLabel} yet.`}>
      Values appear here one by one as runs end.
    </EmptyState>
  ) : (
    <EmptyState title={`No run has ended with ${metricLabel}.`}>
      Choose a metric that the runs have reported.
    </EmptyState>
  );
}
