import { EmptyState } from "../../shared/ui/states.js";

/** In place of values: whether they are still to come, or what became of the runs, in the first note of their analysis. */
export function NoValues({
  analysis: { provenance, notes },
}: {
  analysis: { provenance: { runsPending: number; metricLabel: string }; notes: readonly string[] };
}) {
  const isOpen = provenance.runsPending > 0;
  return (
    <EmptyState title={`There is no ${provenance.metricLabel} to show${isOpen ? " yet" : ""}.`}>
      {notes[0] ?? (isOpen ? "Values appear here one by one as runs end." : "No run has ended with it.")}
    </EmptyState>
  );
}
