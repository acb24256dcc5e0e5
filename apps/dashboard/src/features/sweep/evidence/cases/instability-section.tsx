import type { InstabilityRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { CaseRanges } from "../../../../shared/charts/case-ranges.js";
import { finiteOrNull, metricDifference, missing, share } from "../../../../shared/format/numbers.js";
import { markOf } from "../../../../shared/marks/arm-marks.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { scopeWords } from "./scope-panels.js";
import { ScopeSection, scopeColumnsOf, scopeKey, shownRows } from "./scope-section.js";

const points = (value: InstabilityRow["error"]) =>
  value === null ? missing : metricDifference(value, "fraction");

function rangesOf({ cases }: InstabilityRow) {
  return cases.flatMap(({ caseId, trueClass, meanScore, minScore, maxScore, classification }) => {
    const [mean, low, high] = [meanScore, minScore, maxScore].map(finiteOrNull);
    if (mean == null || low == null || high == null || low < 0 || high > 1) return [];
    const text = `${caseId}, ${trueClass}: ${share(low, 1)} to ${share(high, 1)}`;
    return [{ id: caseId, mean, low, high, flips: Number(classification) > 0, text }];
  });
}

/** How far do runs differ about single cases, and what of the spread is real? Nothing where no two runs can be compared. */
export function InstabilitySection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "instability"));
  const rows = query.data?.rows ?? [];
  if (query.data && rows.length === 0) return null;
  const shown = shownRows(rows);
  const { rule, value } = sweep.spec.threshold;
  return (
    <ScopeSection
      sweep={sweep}
      name="instability"
      query={query}
      title="How much of the spread is real, and which cases depend on the run?"
      lead={`Every case at its mean score, from the lowest to the highest that a run gives it, ${scopeWords(rows)}. Coloured cases are classified one way by some runs and the other way by others.`}
      exported="Instability case by case"
      panels={shown.map((row) => (
        <CaseRanges
          key={scopeKey(row)}
          title={`${row.scope.configurationLabel} · ${row.scope.arm}${row.scope.seed === null ? "" : ` · seed ${row.scope.seed}`}`}
          cases={rangesOf(row)}
          threshold={rule === "fixed" ? value : null}
          color={markOf(marks, row.scope.arm).color}
          xLabel="mean score over runs, %"
        />
      ))}
    >
      <DataTable
        label="How much of the spread of accuracy is real"
        caption="SD of test accuracy between runs, the part that the finite test set accounts for, and the rest: how much models would differ on an unlimited number of cases, with its 95 % interval."
        rows={shown}
        keyOf={scopeKey}
        columns={[
          ...scopeColumnsOf<InstabilityRow>(marks),
          {
            key: "sd",
            header: "SD observed",
            right: true,
            cell: ({ accuracy }) => points(accuracy.observedSd),
          },
          {
            key: "test",
            header: "by the test set",
            right: true,
            cell: ({ accuracy }) => points(accuracy.testSetSd),
          },
          {
            key: "model",
            header: "of models",
            right: true,
            cell: ({ accuracy }) => (
              <>
                {accuracy.modelSd === null ? "none seen" : points(accuracy.modelSd)}
                <SecondLine>
                  {points(accuracy.modelSdInterval.low)} to {points(accuracy.modelSdInterval.high)}
                </SecondLine>
              </>
            ),
          },
          {
            key: "flip",
            header: "Cases that flip",
            right: true,
            cell: (row) => `${row.unstableCases} of ${row.scope.cases}`,
          },
          {
            key: "disagreement",
            header: "Two runs disagree on",
            right: true,
            cell: (row) => share(row.disagreement, 1),
          },
          { key: "error", header: "Error of a run", right: true, cell: (row) => share(row.error, 1) },
        ]}
      />
    </ScopeSection>
  );
}
