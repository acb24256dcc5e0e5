import { builtInTrainer, type Evidence, type RunDetail } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import { Located } from "../../shared/ui/located.js";
import { Section } from "../../shared/ui/section.js";

/** In which operation two traced trainings of the run's program part, or how to find out; nothing for our own trainer. */
export function LocatedSection({ run, divergence }: { run: RunDetail; divergence: Evidence["divergence"] }) {
  if (run.trainer === builtInTrainer) return null;
  const other = divergence?.runIds.find((runId) => runId !== run.id);
  return (
    <Section
      title="In which operation do two of its trainings part?"
      lead={
        other === undefined ? (
          "Both with arm and seed of this run."
        ) : (
          <>
            With arm and seed of this run and of{" "}
            <Link to="/runs/$runId" params={{ runId: other }}>
              another
            </Link>
            .
          </>
        )
      }
    >
      <Located
        runId={run.id}
        otherId={null}
        nothingYet="Not searched yet. A worker trains the program twice side by side, every operation of PyTorch traced, and says in which one the two part. The run itself stays as it is."
      />
    </Section>
  );
}
