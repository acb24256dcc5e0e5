import { Switch } from "@mantine/core";
import type { DeterminismAnalysis, SignificanceAnalysis, Sweep } from "@reprise/contracts";
import { finiteOrNull, uncertaintiesByRow } from "../../../../shared/format/numbers.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { ScrollRegion } from "../../../../shared/ui/scroll-region.js";
import { Section } from "../../../../shared/ui/section.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { useNarrow } from "../../../../shared/ui/use-narrow.js";
import { VerdictLine } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { useDeterminism, useSignificance } from "../../use-metric-analyses.js";
import { ComparisonRow, type ComparisonRowData } from "./comparison-row.js";
import classes from "./comparison-section.module.css";
import { PooledTable } from "./pooled-table.js";

/** Rows of both analyses side by side, by configuration, seed and arm. */
function joined(
  determinism: DeterminismAnalysis | undefined,
  significance: SignificanceAnalysis,
): ComparisonRowData[] {
  return significance.rows.map((row) => {
    const same = determinism?.rows.find(
      (other) =>
        other.group.configurationKey === row.group.configurationKey && other.group.seed === row.group.seed,
    );
    return { significance: row, arm: same?.others.find((other) => other.arm === row.arm) ?? null };
  });
}

const uncertainties = ({ rows, provenance }: SignificanceAnalysis) =>
  uncertaintiesByRow(
    rows.map(({ sd }) => finiteOrNull(sd)),
    provenance.metricUnit,
  );

/** On a phone a sentence is read where a row of eleven columns is not. */
function RowsInWords({ rows }: { rows: SignificanceAnalysis["rows"] }) {
  return (
    <ul className={classes.rows} aria-label="Deterministic against free, by seed">
      {rows.map(({ group, arm, reason, verdicts }) => (
        <li key={`${group.configurationKey} ${group.seed} ${arm}`}>
          <strong>
            {group.configurationLabel}, seed {group.seed}, {arm}
          </strong>
          {reason ? <p className="dim">{reason}</p> : null}
          {verdicts.map((verdict) => (
            <VerdictLine key={verdict.sentence} verdict={verdict} weight="quiet" />
          ))}
        </li>
      ))}
    </ul>
  );
}

/** Both tests in words: the one that keeps its level, and the papers' with the rate at which it cries wolf. */
export function ComparisonSection({
  sweep,
  metric,
  words,
  onWords,
}: {
  sweep: Sweep;
  metric: string | undefined;
  /** Whether the tests stand as sentences, not as a table. */
  words: boolean;
  onWords: (words: boolean) => void;
}) {
  const determinism = useDeterminism(sweep.id, metric);
  const significance = useSignificance(sweep.id, metric);
  const marks = useArmMarks(sweep);
  const narrow = useNarrow();
  return (
    <Section
      title="How far is deterministic from free?"
      lead="What is claimed comes from one family of permutation tests over all seeds. The papers' tests are shown beside it: the new-observation test asks whether the deterministic run is an ordinary draw; the one-sample test asks whether the free mean equals exactly that one number, and rejects far too often when the deterministic run is just another draw, so its false-positive rate stands beside it."
      aside={
        <>
          <Switch
            size="xs"
            label="In words"
            checked={words}
            onChange={(event) => onWords(event.currentTarget.checked)}
          />
          <ExportLinks
            sweepId={sweep.id}
            name="determinism"
            metric={metric}
            title="Deterministic beside free"
            label="Tables II, III"
          />
          <ExportLinks
            sweepId={sweep.id}
            name="significance"
            metric={metric}
            title="Both tests"
            label="Table V"
          />
        </>
      }
    >
      <QueryView query={significance} height={280} label="Loading the tests">
        {(analysis) =>
          analysis.rows.length === 0 ? (
            <EmptyState title="No group is complete yet.">
              A row appears when a configuration has one deterministic run and two other repeats at one seed.
            </EmptyState>
          ) : (
            <>
              {narrow && words ? (
                <RowsInWords rows={analysis.rows} />
              ) : (
                <ScrollRegion label="Deterministic against free, by seed">
                  <table className="data-table">
                    <caption className="visually-hidden">
                      Deterministic against free runs, per configuration and seed,{" "}
                      {analysis.provenance.metricLabel}
                    </caption>
                    <thead>
                      <tr>
                        <th scope="col">Configuration</th>
                        <th scope="col">Seed</th>
                        <th scope="col">Arm</th>
                        <th scope="col" className="right">
                          n
                        </th>
                        <th scope="col" className="right">
                          Deterministic
                        </th>
                        <th scope="col" className="right">
                          Mean
                        </th>
                        <th scope="col" className="right">
                          SD
                        </th>
                        <th scope="col" className="right" title="(deterministic − mean) / mean">
                          Δ %
                        </th>
                        <th scope="col" className="right" title="Largest minus smallest of the repeats">
                          D (range)
                        </th>
                        <th scope="col">New-observation test</th>
                        <th scope="col">One-sample test</th>
                      </tr>
                    </thead>
                    <tbody>
                      {joined(determinism.data, analysis).map((row, index) => (
                        <ComparisonRow
                          key={`${row.significance.group.configurationKey} ${row.significance.group.seed} ${row.significance.arm}`}
                          row={row}
                          unit={analysis.provenance.metricUnit}
                          uncertainty={uncertainties(analysis)[index] ?? null}
                          words={words}
                          marks={marks}
                        />
                      ))}
                    </tbody>
                  </table>
                </ScrollRegion>
              )}
              <Note>Adjusted p: {analysis.provenance.correction}</Note>
              {analysis.pooled.length > 0 ? (
                <PooledTable rows={analysis.pooled} unit={analysis.provenance.metricUnit} />
              ) : null}
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
