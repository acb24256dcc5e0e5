import type { CalibrationRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { finiteOrNull, missing } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
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

/** "1.24 SD 0.18" */
function Figure({ of, decimals }: { of: CalibrationRow["slope"]; decimals: number }) {
  const [mean, sd] = [finiteOrNull(of.mean), finiteOrNull(of.sd)];
  return mean === null ? (
    missing
  ) : (
    <span className="nowrap">
      {mean.toFixed(decimals)} <span className="dim">{sd === null ? "" : `SD ${sd.toFixed(decimals)}`}</span>
    </span>
  );
}

/** Are scores probabilities? Nothing where no class is positive. */
export function CalibrationSection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "calibration"));
  const rows = query.data?.rows ?? [];
  if (query.data && rows.length === 0) return null;
  const positive = rows[0]?.positiveClass ?? "positive";
  return (
    <ScopeSection
      sweep={sweep}
      name="calibration"
      query={query}
      title="Are the scores probabilities?"
      lead={`Share of ${positive} cases among those with a score, ${scopeWords(rows)}: on the diagonal a score of 70 % is right in 70 of 100 cases. Below it risks are overstated, above it understated.`}
      exported="Calibration"
      legend={<BandLegend marks={marks} reference="perfectly calibrated" />}
      panels={bandPanels(rows, marks, {
        name: "calibration curves; the same figures are in the data table",
        x: ({ curve }) => curve.score,
        curve: ({ curve }) => curve,
        references: ({ curve }) => [{ key: "diagonal", y: curve.score }],
        domain: { x: [0, 100], y: [0, 100] },
        xLabel: `score for ${positive}, %`,
        yLabel: `cases that are ${positive}, %`,
      })}
    >
      <DataTable
        label="Calibration by configuration and arm"
        caption="Mean over runs with the SD between runs. A perfect intercept is 0, a perfect slope 1; a slope below 1 means scores too near to 0 and 1."
        rows={shownRows(rows)}
        keyOf={scopeKey}
        columns={[
          ...scopeColumnsOf<CalibrationRow>(marks),
          {
            key: "brier",
            header: "Brier score",
            title: "Mean squared difference of score and outcome; 0 is perfect",
            cell: (row) => <Figure of={row.brier} decimals={3} />,
          },
          {
            key: "intercept",
            header: "Intercept",
            cell: (row) => <Figure of={row.intercept} decimals={2} />,
          },
          { key: "slope", header: "Slope", cell: (row) => <Figure of={row.slope} decimals={2} /> },
        ]}
      />
    </ScopeSection>
  );
}
