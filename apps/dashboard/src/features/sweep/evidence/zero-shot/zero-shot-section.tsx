import { SegmentedControl } from "@mantine/core";
import type { Sweep, ZeroShotSummary } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { dot, hairline, hollowDiamond, Legend } from "../../../../shared/charts/legend.js";
import { PublishedPanel } from "../../../../shared/charts/published-panels.js";
import { percentDomain, subjectColor } from "../../../../shared/charts/published-points.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { type DrawnRate, drawnRates, panelsOf } from "./zero-shot-panels.js";
import classes from "./zero-shot-section.module.css";
import { ZeroShotTable } from "./zero-shot-table.js";

function Drawing({ summary, rates }: { summary: ZeroShotSummary; rates: readonly DrawnRate[] }) {
  const panels = panelsOf(summary, rates).filter(({ points }) => points.length > 0);
  const subjects = summary.questions.map(({ question }) => question);
  const chance = new Map(summary.questions.map(({ question, chance }) => [question, chance * 100] as const));
  return (
    <div className={panels.length % 3 === 0 ? classes.three : classes.panels}>
      {panels.map(({ title, rate, points }) => {
        const levels = rate === "accuracy" ? chance : new Map<string, number>();
        const same = panels.filter((panel) => panel.rate === rate).flatMap((panel) => panel.points);
        return (
          <PublishedPanel
            key={`${title} ${rate} ${points[0]?.label}`}
            title={title}
            points={points}
            subjects={subjects}
            chance={levels}
            domain={percentDomain(same, levels.values())}
            label={`${rate}, % · higher is better`}
          />
        );
      })}
    </div>
  );
}

function intervalWords({ configurations }: ZeroShotSummary): string {
  const over = new Set(
    configurations.flatMap(({ figures }) => figures.flatMap(({ interval }) => interval?.over ?? [])),
  );
  if (over.has("seeds"))
    return "Bars are 95 % intervals over seeds (from three on), small points single runs. Seeds move together across configurations: a bar says how far one configuration's mean may lie, not whether two differ.";
  return "Bars are 95 % Wilson intervals of one run: what the test cases alone leave open. How far another training would move it is not known.";
}

/** Figure 4 and Tables 7 to 10 of the CLIP study for this one: every configuration on every evaluation set. */
export function ZeroShotSection({ sweep }: { sweep: Sweep }) {
  const query = useQuery(analysisQuery(sweep.id, "classification"));
  const [rate, setRate] = useState<DrawnRate>("accuracy");
  const summary = query.data?.zeroShot ?? null;
  const hasSets = summary?.configurations.some(({ set }) => set !== null) ?? false;
  const drawn = drawnRates.filter((candidate) =>
    summary?.configurations.some(({ figures }) => figures.some((figure) => figure.rate === candidate)),
  );
  const rates = hasSets ? drawn.filter((candidate) => candidate === rate) : drawn;
  return (
    <ChartFrame
      title="Which configuration performs best, and is it better than chance?"
      lead={
        summary
          ? `Zero-shot on the test split: every picture gets the class whose prompts are nearest. ${intervalWords(summary)}`
          : "Zero-shot on the test split: every picture gets the class whose prompts are nearest."
      }
      name={`${sweep.name} zero-shot`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={
        <>
          {hasSets && drawn.length > 1 ? (
            <SegmentedControl
              size="xs"
              aria-label="Rate"
              value={rate}
              data={[...drawn]}
              onChange={(next) => setRate(drawnRates.find((known) => known === next) ?? "accuracy")}
            />
          ) : null}
          <ExportLinks
            sweepId={sweep.id}
            name="classification"
            title="Zero-shot figures"
            label={summary?.reference ? "Tables 7–10" : "Table"}
          />
        </>
      }
      legend={
        summary ? (
          <Legend
            items={[
              ...summary.questions.map(({ question }, index) => ({
                mark: dot(subjectColor(index)),
                text: question,
              })),
              ...(summary.reference
                ? [{ mark: hollowDiamond("var(--ink)"), text: `published: ${summary.reference.name}` }]
                : []),
              { mark: hairline(), text: "accuracy by chance, in the colour of its set" },
            ]}
          />
        ) : null
      }
    >
      <QueryView query={query} height={320} label="Loading zero-shot figures">
        {() =>
          summary === null || summary.configurations.length === 0 ? (
            <EmptyState title="No zero-shot answers yet.">
              They are written when a run ends: one answer per test case and evaluation set.
            </EmptyState>
          ) : (
            <>
              {summary.noEffect ? <p className={classes.plain}>{summary.noEffect}</p> : null}
              <Drawing summary={summary} rates={rates} />
              <ZeroShotTable summary={summary} />
              {summary.reference ? (
                <>
                  <Note>
                    Hollow marks and "published": {summary.reference.title}, matched by the name of the
                    experiment and of the evaluation set. Equal names do not make equal models, data or
                    hardware. Published figures stand as printed, some in percent and some as fractions.
                  </Note>
                  <Notes notes={summary.reference.quantities.map((known) => `Published: ${known}`)} />
                </>
              ) : null}
            </>
          )
        }
      </QueryView>
    </ChartFrame>
  );
}
