import type { SequentialAnalysis, SequentialLook, Sweep } from "@reprise/contracts";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { SequentialPathChart } from "../../../../shared/charts/sequential-path.js";
import { count, finiteOrNull, metricDifference } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { Section } from "../../../../shared/ui/section.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { When } from "../../../../shared/ui/when.js";
import { useSequential } from "../../use-metric-analyses.js";

const boundNames = {
  anytime: "anytime-valid bounds: the stated error holds whenever the study is stopped",
  "obrien-fleming": "O'Brien–Fleming-type bounds at the planned looks",
  pocock: "Pocock-type bounds at the planned looks",
} as const;

/** What stopping has saved, or what a study without an end may still cost. */
function costWords({ record, seedsTrained, maxSeeds, runsTrained, runsAtMost }: SequentialAnalysis): string {
  const used = `${seedsTrained} of at most ${maxSeeds} seeds, ${count(runsTrained)} of at most ${count(runsAtMost, "run")}`;
  if (!record?.end) return `${used} so far.`;
  const saved = runsAtMost - runsTrained;
  return saved > 0
    ? `${used}: ${count(saved, "run")} fewer than the fixed design of ${maxSeeds} seeds.`
    : `${used}.`;
}

function Looks({ analysis, looks }: { analysis: SequentialAnalysis; looks: readonly SequentialLook[] }) {
  const unit = analysis.provenance.metricUnit;
  const rows = looks.flatMap((look) => look.questions.map((question) => ({ look, question })));
  const signed = { signed: true };
  return (
    <Section
      title="What was recorded at each look"
      lead="Written down when the look was taken, and not changed by what happens to the runs afterwards."
    >
      <DataTable
        label="Looks"
        rows={rows}
        keyOf={({ look, question }) => `${look.look} ${question.question}`}
        columns={[
          { key: "look", header: "Look", cell: ({ look }) => look.look },
          { key: "at", header: "Taken", cell: ({ look }) => <When at={look.at} /> },
          { key: "seeds", header: "Seeds", right: true, cell: ({ look }) => look.seeds },
          ...(analysis.questions.length > 1
            ? [
                {
                  key: "question",
                  header: "Question",
                  cell: ({ question }: (typeof rows)[number]) => question.question,
                },
              ]
            : []),
          {
            key: "n",
            header: "Pairs",
            title: "Seeds with a result on both sides",
            right: true,
            cell: ({ question }) => question.n,
          },
          {
            key: "without",
            header: "Without a result",
            title: "Runs that failed or were cancelled, and runs excluded by hand, up to this look",
            right: true,
            cell: ({ look }) => look.runsWithoutResult + look.runsExcluded,
          },
          {
            key: "estimate",
            header: "Mean difference and bounds",
            right: true,
            cell: ({ question: { estimate, low, high } }) => (
              <span className="nowrap">
                {metricDifference(estimate, unit, signed)}{" "}
                {low === null
                  ? ""
                  : `[${metricDifference(low, unit, signed)}, ${metricDifference(high, unit, signed)}]`}
              </span>
            ),
          },
          { key: "claim", header: "Shows", cell: ({ question }) => question.claim ?? "nothing yet" },
        ]}
      />
    </Section>
  );
}

/** A study that stops when it knows: its question seed by seed, the bounds, the looks, and what was saved. */
export function SequentialSection({ sweep }: { sweep: Sweep }) {
  const query = useSequential(sweep);
  const { data } = query;
  if (!sweep.spec.design) return null;
  const many = (data?.questions.length ?? 0) > 1;
  return (
    <>
      <ChartFrame
        title="When was the question settled?"
        lead={
          data?.bounds
            ? `Circles: the difference at each seed. Line: their mean so far. Bars: ${boundNames[data.bounds]}.${data.margin === null ? "" : " Dotted: the margin of the plan."} ${costWords(data)}`
            : undefined
        }
        name={`${sweep.name} seed by seed`}
        data={data ? fromAnalysisTable(data.table) : { columns: [], rows: [] }}
        controls={
          <ExportLinks sweepId={sweep.id} name="sequential" metric={undefined} title="Settled look by look" />
        }
      >
        <QueryView query={query} height={300} label="Loading the looks">
          {(analysis) => (
            <>
              <VerdictList verdicts={analysis.verdicts} />
              {analysis.questions.map((question) => (
                <div key={question.question}>
                  {many ? <h4>{question.question}</h4> : null}
                  <SequentialPathChart
                    question={question}
                    unit={analysis.provenance.metricUnit}
                    label="difference"
                    maxSeeds={analysis.maxSeeds}
                    margin={analysis.settle.includes("equivalence") ? finiteOrNull(analysis.margin) : null}
                    onesided={!analysis.settle.includes("difference")}
                  />
                </div>
              ))}
              <Notes notes={analysis.notes} />
            </>
          )}
        </QueryView>
      </ChartFrame>
      {data?.record && data.record.looks.length > 0 ? (
        <Looks analysis={data} looks={data.record.looks} />
      ) : null}
    </>
  );
}
