import type { DecisionCurveRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { finiteOrNull, missing, share } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { scopeWords } from "./scope-panels.js";
import {
  BandLegend,
  bandPanels,
  ScopeSection,
  scopeColumnsOf,
  scopeKey,
  shownRows,
} from "./scope-section.js";

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
  const shown = shownRows(rows);
  const stated = query.data?.prevalence ?? null;
  const highest = Math.max(0.05, ...shown.map(({ prevalence }) => finiteOrNull(prevalence) ?? 0));
  return (
    <ScopeSection
      sweep={sweep}
      name="decisionCurve"
      query={query}
      title="At which thresholds are the scores useful?"
      lead={`Net benefit per 100 cases, ${scopeWords(rows)}: true positives minus false positives weighted by the odds of the threshold. The scores are useful where the curve lies above treating all and above zero (treating none).`}
      exported="Decision curves"
      legend={<BandLegend marks={marks} reference="treating all (falling), treating none (zero)" />}
      panels={bandPanels(rows, marks, {
        name: "decision curves; the same figures are in the data table",
        x: ({ thresholds }) => thresholds,
        curve: ({ netBenefit }) => netBenefit,
        references: ({ treatAll, thresholds }) => [
          { key: "all", y: treatAll },
          { key: "none", y: thresholds.map(() => 0) },
        ],
        domain: { x: [0, 100], y: [-12 * highest, 105 * highest] },
        xLabel: "threshold, %",
        yLabel: "net benefit per 100 cases",
      })}
    >
      {stated ? (
        <DataTable
          label="Predictive values by configuration and arm"
          caption={`At a prevalence of ${share(stated.value, 1)}, ${stated.planned ? "as the plan states" : "as asked for, not as a plan states"}, and the declared threshold: at the mean rates of the runs, below it the 95 % interval for other test cases.`}
          rows={shown}
          keyOf={scopeKey}
          columns={[
            ...scopeColumnsOf<DecisionCurveRow>(marks),
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
              header: "Useful thresholds",
              title: "Thresholds at which every run is better than treating all or none",
              cell: ({ useful }) => (useful ? `${share(useful.from)} to ${share(useful.to)}` : "nowhere"),
            },
          ]}
        />
      ) : null}
    </ScopeSection>
  );
}
