import type {
  ClassificationAnalysis,
  DeterminismAnalysis,
  SignificanceAnalysis,
  Sweep,
  Verdict,
} from "@reprise/contracts";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { count } from "../../shared/format/numbers.js";
import { VerdictGlyph } from "../../shared/marks/verdict-glyph.js";
import { ErrorState, Placeholder } from "../../shared/ui/states.js";
import classes from "./sweep.module.css";

/** One sentence, its glyph, and how it is known. */
export function VerdictLine({ verdict }: { verdict: Verdict }) {
  return (
    <li className={classes.verdict}>
      <VerdictGlyph verdict={verdict} />
      <div>
        <p className={classes.sentence}>{verdict.sentence}</p>
        {verdict.basis.length > 0 ? (
          <details className={classes.basis}>
            <summary>How do we know?</summary>
            <ul>
              {verdict.basis.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        ) : null}
      </div>
    </li>
  );
}

function Standing({
  sweep,
  analysis,
}: {
  sweep: Sweep;
  analysis: DeterminismAnalysis | SignificanceAnalysis;
}) {
  const { provenance } = analysis;
  const pending = provenance.runsPending;
  return (
    <p className={classes.standing}>
      <strong>{provenance.metricLabel}</strong>
      {provenance.planned
        ? ", fixed in the analysis plan before the first result"
        : sweep.analysisPlanDigest
          ? ", chosen after seeing results: exploratory"
          : ", without an analysis plan: exploratory"}
      {" · "}
      {count(provenance.runsUsed, "run")} used
      {pending > 0 ? `, ${count(pending)} still to come: this may change` : ""}
      {provenance.runsExcluded.length > 0 ? `, ${count(provenance.runsExcluded.length)} excluded` : ""}
    </p>
  );
}

/** The answer: what holds for bits, for the cases that are found, and for the metric. */
export function VerdictSection({
  sweep,
  determinism,
  classification,
  significance,
  tools,
}: {
  sweep: Sweep;
  determinism: UseQueryResult<DeterminismAnalysis>;
  classification: ClassificationAnalysis | undefined;
  significance: UseQueryResult<SignificanceAnalysis>;
  tools: ReactNode;
}) {
  const headingId = useId();
  const analyses = [determinism.data, significance.data].filter((analysis) => analysis !== undefined);
  const sentences = [determinism.data, classification, significance.data].flatMap(
    (analysis) => analysis?.verdicts ?? [],
  );
  // Every analysis says by itself that runs are still to come; once is enough, though read at different moments.
  const verdicts = new Map(
    sentences.map((verdict) => [verdict.kind === "pending" ? "pending" : verdict.sentence, verdict]),
  );
  const notes = new Set(analyses.flatMap((analysis) => analysis.notes));
  const first = analyses[0];
  const error = determinism.error ?? significance.error;
  return (
    <section className={classes.verdicts} aria-labelledby={headingId}>
      <div className={classes.verdictHead}>
        <h2 id={headingId}>Would this result happen again?</h2>
        {tools}
      </div>
      {first ? <Standing sweep={sweep} analysis={first} /> : null}
      {analyses.length === 0 && error ? (
        <ErrorState error={error} onRetry={() => determinism.refetch()} />
      ) : null}
      {analyses.length === 0 && !error ? <Placeholder height={176} label="Loading the verdict" /> : null}
      <ul className={classes.verdictList} aria-live="polite">
        {[...verdicts.values()].map((verdict) => (
          <VerdictLine key={verdict.sentence} verdict={verdict} />
        ))}
      </ul>
      {notes.size > 0 ? (
        <details className={classes.notes}>
          <summary>{count(notes.size, "note")} on reading these figures</summary>
          {[...notes].map((note) => (
            <p key={note} className={classes.note}>
              {note}
            </p>
          ))}
        </details>
      ) : null}
    </section>
  );
}
