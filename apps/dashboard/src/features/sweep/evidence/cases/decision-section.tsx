import type { DecisionCurveRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { BandCurves } from "../../../../shared/charts/band-curves.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { band, hairline, Legend, line } from "../../../../shared/charts/legend.js";
import { Panels } from "../../../../shared/charts/panels.js";
import { finiteOrNull, missing, share } from "../../../../shared/format/numbers.js";
import { markOf } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { panelsOf, scopeWords, shownPanels } from "./scope-panels.js";

type Predictive = NonNullable<DecisionCurveRow["predictive"]>["ppv"];

function Value({ of }: { of: Predictive | undefined }) {
  if (!of || of.mean === null) return missing;
  return (
    <span className="nowrap">
      {share(of.mean, 2)}
      <SecondLine>
        {share(of.low, 2)} to {share(of.high, 2)}
      </SecondLine>
    </span>
  );
}

/** Is deciding by the scores worth anything? Nothing where no class is positive. */
export function DecisionSection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "decisionCurve"));
  const rows = query.data?.rows ?? [];
  if (query.data && rows.length === 0) return null;
  const panels = panelsOf(rows);
  const shown = panels.flatMap(([, own]) => own);
  const stated = query.data?.prevalence ?? null;
  const highest = Math.max(0.05, ...shown.map(({ prevalence }) => finiteOrNull(prevalence) ?? 0));
  return (
    <ChartFrame
      title="At which thresholds are the scores useful?"
      lead={`Net benefit per 100 cases, ${scopeWords(rows)}: true positives minus false positives weighted by the odds of the threshold. The scores are useful where the curve lies above treating all and above zero (treating none).`}
      name={`${sweep.name} decision curve`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={<ExportLinks sweepId={sweep.id} name="decisionCurve" title="Decision curves" />}
      legend={
        <Legend
          items={[
            ...marks.map((mark) => ({
              mark: (
                <>
                  {band(mark.color)}
                  {line(mark.color)}
                </>
              ),
              text: `${mark.name}: mean, range between runs`,
            })),
            { mark: hairline(), text: "treating all (falling), treating none (zero)" },
          ]}
        />
      }
    >
      <QueryView query={query} height={360} label="Loading decision curves">
        {(analysis) => (
          <>
            <VerdictList verdicts={analysis.verdicts} />
            <Panels>
              {panels.slice(0, shownPanels).map(([title, own]) => (
                <BandCurves
                  key={title}
                  title={title}
                  name="decision curves; the same figures are in the data table"
                  x={own[0]?.thresholds ?? []}
                  curves={own.map(({ scope, netBenefit }) => ({
                    key: scope.arm,
                    color: markOf(marks, scope.arm).color,
                    mean: netBenefit.mean.map(finiteOrNull),
                    min: netBenefit.min.map(finiteOrNull),
                    max: netBenefit.max.map(finiteOrNull),
                  }))}
                  references={[
                    { key: "all", y: own[0]?.treatAll ?? [] },
                    { key: "none", y: (own[0]?.thresholds ?? []).map(() => 0) },
                  ]}
                  domain={{ x: [0, 100], y: [-12 * highest, 105 * highest] }}
                  xLabel="threshold, %"
                  yLabel="net benefit per 100 cases"
                />
              ))}
            </Panels>
            {panels.length > shownPanels ? (
              <Note>
                {panels.length - shownPanels} further groups are in the data table and in the files.
              </Note>
            ) : null}
            {stated ? (
              <DataTable
                label="Predictive values by configuration and arm"
                caption={`At a prevalence of ${share(stated.value, 1)}, ${stated.planned ? "as the plan states" : "not stated in a plan"}, and the declared threshold: at the mean rates of the runs, below it the 95 % interval for other test cases.`}
                rows={shown}
                keyOf={({ scope }) => `${scope.configurationKey} ${scope.seed} ${scope.arm}`}
                columns={[
                  {
                    key: "configuration",
                    header: "Configuration",
                    cell: ({ scope }) => scope.configurationLabel,
                  },
                  {
                    key: "arm",
                    header: "Arm",
                    cell: ({ scope }) => <ArmName arm={scope.arm} marks={marks} />,
                  },
                  { key: "n", header: "Runs", right: true, cell: ({ scope }) => scope.runs },
                  {
                    key: "ppv",
                    header: "PPV",
                    title: "Positive predictive value: of the cases called positive, the share that is",
                    cell: ({ predictive }) => <Value of={predictive?.ppv} />,
                  },
                  {
                    key: "npv",
                    header: "NPV",
                    title: "Negative predictive value: of the cases called negative, the share that is",
                    cell: ({ predictive }) => <Value of={predictive?.npv} />,
                  },
                  {
                    key: "useful",
                    header: "Worth something",
                    title: "Thresholds at which every run is better than treating all or none",
                    cell: ({ useful }) =>
                      useful ? `${share(useful.from)} to ${share(useful.to)}` : "nowhere",
                  },
                ]}
              />
            ) : null}
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </ChartFrame>
  );
}
