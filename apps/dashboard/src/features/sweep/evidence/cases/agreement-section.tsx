import type { AgreementAnalysis, AgreementGroup, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { AgreementMatrix } from "../../../../shared/charts/agreement-matrix.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { finiteOrNull, share, significant } from "../../../../shared/format/numbers.js";
import type { ArmMark } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { pictureFinder } from "../../../../shared/ui/case-thumbnail.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { sweepThumbnailsQuery } from "../../queries.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { CellChoice, cellKey } from "../cell-choice.js";
import { Beside } from "./beside.js";
import { FlippingCases } from "./flipping-cases.js";

function ArmTable({ group, marks }: { group: AgreementGroup; marks: readonly ArmMark[] }) {
  return (
    <DataTable
      label="Agreement by arm"
      rows={group.arms}
      keyOf={(row) => row.arm}
      columns={[
        {
          key: "arm",
          header: "Arm",
          cell: (row) => <ArmName arm={row.arm} marks={marks} />,
        },
        { key: "n", header: "Runs", right: true, cell: (row) => row.n },
        {
          key: "mean",
          header: "Two runs disagree on",
          right: true,
          cell: (row) => share(row.meanDisagreement, 1),
        },
        { key: "max", header: "At most", right: true, cell: (row) => share(row.maxDisagreement, 1) },
        {
          key: "unanimous",
          header: "All agree on",
          right: true,
          cell: (row) => share(row.unanimousFraction, 1),
        },
        {
          key: "kappa",
          header: "Fleiss κ",
          right: true,
          cell: (row) => {
            const kappa = finiteOrNull(row.fleissKappa);
            return kappa === null ? <span className="reason">{row.reason ?? "–"}</span> : significant(kappa);
          },
        },
      ]}
    />
  );
}

/** Which test cases flip between runs, and between which runs. */
export function AgreementSection({
  sweep,
  cell,
  onCell,
}: {
  sweep: Sweep;
  cell: string;
  onCell: (cell: string) => void;
}) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "agreement"));
  const sheets = useQuery(sweepThumbnailsQuery(sweep.id)).data;
  const find = useMemo(() => pictureFinder(sheets ?? [], "test"), [sheets]);
  const chosen = (analysis: AgreementAnalysis) =>
    analysis.groups.find(({ group }) => cellKey(group) === cell) ?? analysis.groups[0];
  const current = query.data ? chosen(query.data) : undefined;
  return (
    <ChartFrame
      title="Which cases flip between runs?"
      lead="Every run against every other: share of test cases on which the two disagree, in percent; darker is more. One run of the deterministic arm stands for its copies; tables of single arms count within the arm, so their numbers are smaller. Two runs of equal accuracy can still call different patients ill."
      name={`${sweep.name} agreement`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={
        <>
          {query.data && current ? (
            <CellChoice
              label="Configuration and seed of the matrix"
              groups={query.data.groups.map(({ group }) => group)}
              cell={cellKey(current.group)}
              onCell={onCell}
            />
          ) : null}
          <ExportLinks sweepId={sweep.id} name="agreement" title="Agreement between runs" />
        </>
      }
    >
      <QueryView query={query} height={360} label="Loading the agreement of runs">
        {(analysis) =>
          current ? (
            <>
              <VerdictList verdicts={analysis.verdicts} />
              <Beside>
                <AgreementMatrix group={current} arms={marks} />
                <div>
                  <ArmTable group={current} marks={marks} />
                  <FlippingCases group={current} find={find} />
                </div>
              </Beside>
              <Notes notes={analysis.notes} />
            </>
          ) : (
            <EmptyState title="Fewer than two runs to compare.">
              {analysis.provenance.runsPending > 0
                ? "A run writes its predictions when it ends, at the epoch that the sweep selects."
                : "Agreement is counted between repeats of one configuration and seed, and here none was repeated. Extend the study by repeats to see which cases flip."}
            </EmptyState>
          )
        }
      </QueryView>
    </ChartFrame>
  );
}
