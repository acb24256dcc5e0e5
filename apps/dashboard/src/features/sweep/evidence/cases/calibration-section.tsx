import type { CalibrationRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { BandCurves } from "../../../../shared/charts/band-curves.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { band, hairline, Legend, line } from "../../../../shared/charts/legend.js";
import { Panels } from "../../../../shared/charts/panels.js";
import { finiteOrNull, missing } from "../../../../shared/format/numbers.js";
import { markOf } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { panelsOf, scopeWords, shownPanels } from "./scope-panels.js";

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
  const panels = panelsOf(rows);
  const positive = rows[0]?.positiveClass ?? "positive";
  const shown = panels.flatMap(([, own]) => own);
  return (
    <ChartFrame
      title="Are the scores probabilities?"
      lead={`Share of ${positive} cases among those with a score, ${scopeWords(rows)}: on the diagonal a score of 70 % is right in 70 of 100 cases. Below it risks are overstated, above it understated.`}
      name={`${sweep.name} calibration`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={<ExportLinks sweepId={sweep.id} name="calibration" title="Calibration" />}
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
            { mark: hairline(), text: "perfectly calibrated" },
          ]}
        />
      }
    >
      <QueryView query={query} height={360} label="Loading calibration">
        {(analysis) => (
          <>
            <VerdictList verdicts={analysis.verdicts} />
            <Panels>
              {panels.slice(0, shownPanels).map(([title, own]) => (
                <BandCurves
                  key={title}
                  title={title}
                  name="calibration curves; the same figures are in the data table"
                  x={own[0]?.curve.score ?? []}
                  curves={own.map(({ scope, curve }) => ({
                    key: scope.arm,
                    color: markOf(marks, scope.arm).color,
                    mean: curve.mean.map(finiteOrNull),
                    min: curve.min.map(finiteOrNull),
                    max: curve.max.map(finiteOrNull),
                  }))}
                  references={[{ key: "diagonal", y: own[0]?.curve.score ?? [] }]}
                  domain={{ x: [0, 100], y: [0, 100] }}
                  xLabel={`score for ${positive}, %`}
                  yLabel={`cases that are ${positive}, %`}
                />
              ))}
            </Panels>
            {panels.length > shownPanels ? (
              <Note>
                {panels.length - shownPanels} further groups are in the data table and in the files.
              </Note>
            ) : null}
            <DataTable
              label="Calibration by configuration and arm"
              caption="Mean over runs with the SD between runs. A perfect intercept is 0, a perfect slope 1; a slope below 1 means scores too near to 0 and 1."
              rows={shown}
              keyOf={({ scope }) => `${scope.configurationKey} ${scope.seed} ${scope.arm}`}
              columns={[
                {
                  key: "configuration",
                  header: "Configuration",
                  cell: ({ scope }) => scope.configurationLabel,
                },
                { key: "arm", header: "Arm", cell: ({ scope }) => <ArmName arm={scope.arm} marks={marks} /> },
                { key: "n", header: "Runs", right: true, cell: ({ scope }) => scope.runs },
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
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </ChartFrame>
  );
}
