import type { Sweep } from "@reprise/contracts";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { Section } from "../../shared/ui/section.js";
import classes from "./provenance-note.module.css";
import { useDeterminism } from "./use-metric-analyses.js";

/** What is needed to cite and to repeat these figures. */
export function ProvenanceNote({ sweep, metric }: { sweep: Sweep; metric: string | undefined }) {
  const provenance = useDeterminism(sweep.id, metric).data?.provenance;
  return (
    <Section title="Where do these figures come from?">
      <dl className={classes.source}>
        <div>
          <dt>Spec</dt>
          <dd>
            <DigestChip digest={sweep.specDigest} copy />
          </dd>
        </div>
        <div>
          <dt>Analysis plan</dt>
          <dd>
            {sweep.analysisPlanDigest ? (
              <DigestChip digest={sweep.analysisPlanDigest} copy />
            ) : (
              "none: exploratory"
            )}
          </dd>
        </div>
        {provenance ? (
          <>
            <div>
              <dt>Method</dt>
              <dd>{provenance.method}</dd>
            </div>
            <div>
              <dt>Correction</dt>
              <dd>{provenance.correction}</dd>
            </div>
            <div>
              <dt>Software</dt>
              <dd>{provenance.software}</dd>
            </div>
          </>
        ) : null}
      </dl>
      {provenance && provenance.runsExcluded.length > 0 ? (
        <ul className={classes.note}>
          {provenance.runsExcluded.map((run) => (
            <li key={run.runId}>
              Excluded <span className="mono">{run.runId.slice(0, 8)}</span>: {run.reason}
            </li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}
