import {
  type ConfigurationsAnalysis,
  type DeterminismAnalysis,
  isUrgent,
  type Sweep,
  type VerdictRow,
  verdictRows,
} from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import { count } from "../../shared/format/numbers.js";
import { Notes } from "../../shared/ui/note.js";
import { ErrorState, Placeholder } from "../../shared/ui/states.js";
import { VerdictLine } from "../../shared/ui/verdict-list.js";
import { SweepTools } from "./sweep-tools.js";
import { useConfigurations, useDeterminism, useSequential, useSignificance } from "./use-metric-analyses.js";
import classes from "./verdict-section.module.css";

/** Rows that are open at first; beyond them only what needs attention is, unless most of them do. */
const openRows = 5;

/** Rows that are open, of many: where every second one needs attention, a reader is told of what contradicts the claim alone. */
function openOf(rows: readonly VerdictRow[]): readonly VerdictRow[] {
  const first = rows.slice(0, openRows);
  const urgent = rows.slice(openRows).filter(({ lines }) => lines.some(({ verdict }) => isUrgent(verdict)));
  const telling = urgent.filter(({ lines }) => lines.some(({ verdict }) => verdict.tone === "contradiction"));
  return [...first, ...(urgent.length > openRows ? telling : urgent)];
}

function Standing({
  sweep,
  analysis,
  configurations,
}: {
  sweep: Sweep;
  analysis: DeterminismAnalysis;
  configurations: ConfigurationsAnalysis | undefined;
}) {
  const { provenance } = analysis;
  return (
    <p className={classes.standing}>
      <strong>{provenance.metricLabel}</strong>
      {provenance.planned || configurations?.provenance.planned
        ? ", fixed in the analysis plan before the first result"
        : sweep.analysisPlanDigest
          ? ", not the comparison of the analysis plan: exploratory"
          : ", without an analysis plan: exploratory"}
      {" · "}
      {count(provenance.runsUsed, "run")} used
      {provenance.runsExcluded.length > 0 ? `, ${count(provenance.runsExcluded.length)} excluded` : ""}
    </p>
  );
}

function Row({ row, brief }: { row: VerdictRow; brief: boolean }) {
  // Where many subjects stand below each other, each shows its first sentence and what needs attention.
  const open = row.lines.filter(({ verdict }, index) => !brief || index === 0 || isUrgent(verdict));
  const folded = row.lines.filter((line) => !open.includes(line));
  const list = (lines: VerdictRow["lines"], from: number) => (
    <ul>
      {lines.map(({ verdict, words }, index) => (
        <li key={verdict.sentence}>
          <VerdictLine verdict={verdict} words={words} weight={from + index === 0 ? "plain" : "quiet"} />
        </li>
      ))}
    </ul>
  );
  return (
    <div className={classes.row}>
      <h3 className={classes.subject}>{row.subject}</h3>
      <div>
        {list(open, 0)}
        {folded.length > 0 ? (
          <details className={classes.more}>
            <summary>{count(folded.length, "further sentence")}</summary>
            {list(folded, open.length)}
          </details>
        ) : null}
      </div>
    </div>
  );
}

function Rows({ rows }: { rows: readonly VerdictRow[] }) {
  const brief = rows.length > openRows;
  const shown = openOf(rows);
  const folded = rows.filter((row) => !shown.includes(row));
  return (
    <>
      {shown.map((row) => (
        <Row key={row.subject} row={row} brief={brief} />
      ))}
      {folded.length > 0 ? (
        <details className={classes.moreRows}>
          <summary>
            {count(folded.length)} more: {folded.map(({ subject }) => subject).join("; ")}
          </summary>
          {folded.map((row) => (
            <Row key={row.subject} row={row} brief={brief} />
          ))}
        </details>
      ) : null}
    </>
  );
}

/** The answer: one sentence at a glance, under it what holds for bits, each configuration and all of them. */
export function VerdictSection({
  sweep,
  metric,
  onMetric,
}: {
  sweep: Sweep;
  metric: string | undefined;
  onMetric: (metric: string) => void;
}) {
  const headingId = useId();
  const determinism = useDeterminism(sweep.id, metric);
  const significance = useSignificance(sweep.id, metric);
  const configurations = useConfigurations(sweep.id, metric);
  const classification = useQuery(analysisQuery(sweep.id, "classification"));
  const sequential = useSequential(sweep);
  const { data, error } = determinism;
  // Contrasts of the plan weigh most, then how far repeats scatter, then the cases behind it.
  // Configurations are told apart here where the plan says so, and else below, among the tests.
  // A test for a fixed sample is no answer of a study that stops by its results: its looks are.
  const planned =
    configurations.data?.provenance.planned && !sweep.spec.design ? configurations.data : undefined;
  const told = [sequential.data, significance.data, planned, data, classification.data];
  const said = told.flatMap((analysis) => analysis?.verdicts ?? []);
  const pending = said.find(({ kind }) => kind === "pending");
  const rows = verdictRows(said.filter(({ kind }) => kind !== "pending"));
  const notes = [...new Set(told.flatMap((analysis) => analysis?.notes ?? []))];
  const waiting =
    significance.isLoading ||
    classification.isLoading ||
    (configurations.isLoading && (sweep.spec.analysisPlan?.contrasts.includes("configuration") ?? false));
  return (
    <section
      className={classes.verdicts}
      aria-labelledby={headingId}
      data-settling={(data ? waiting : !error) || undefined}
    >
      <div className={classes.head}>
        <h2 id={headingId}>Would this result happen again?</h2>
        <SweepTools sweep={sweep} metric={metric} onMetric={onMetric} />
      </div>
      {data ? (
        <div aria-live="polite">
          <VerdictLine verdict={data.headline} weight="chief" />
          <Standing sweep={sweep} analysis={data} configurations={configurations.data} />
          {pending && pending.kind !== data.headline.kind ? (
            <div className={classes.pending}>
              <VerdictLine verdict={pending} weight="quiet" />
            </div>
          ) : null}
          {waiting ? (
            <Placeholder height={240} label="Loading the verdicts" />
          ) : (
            <div className={classes.rows}>
              <Rows rows={rows} />
            </div>
          )}
        </div>
      ) : error ? (
        <ErrorState error={error} onRetry={() => determinism.refetch()} />
      ) : (
        <Placeholder height={360} label="Loading the verdict" />
      )}
      {notes.length > 0 && !waiting ? (
        <details className={classes.notes}>
          <summary>{count(notes.length, "note")} on reading these figures</summary>
          <Notes notes={notes} />
        </details>
      ) : null}
    </section>
  );
}
