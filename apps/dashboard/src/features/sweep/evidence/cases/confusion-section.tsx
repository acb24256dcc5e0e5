import type { ClassificationRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { share } from "../../../../shared/format/numbers.js";
import { markOf } from "../../../../shared/marks/arm-marks.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { Section } from "../../../../shared/ui/section.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { CellChoice, cellKey } from "../cell-choice.js";
import { rowsAbout } from "../question-choice.js";
import classes from "./confusion-section.module.css";

type RunRow = ClassificationRow["runs"][number] & { arm: string };

/** Groups of the analysis, each configuration and seed once. */
function cellsOf(rows: readonly ClassificationRow[]) {
  return [...new Map(rows.map((row) => [cellKey(row.group), row.group])).values()];
}

function runsOf(rows: readonly ClassificationRow[], cell: string): RunRow[] {
  return rows
    .filter((row) => cellKey(row.group) === cell)
    .flatMap((row) => row.runs.map((run) => ({ ...run, arm: row.arm })));
}

/** The confusion matrix of every run of one configuration and seed, a line each. */
export function ConfusionSection({
  sweep,
  question,
  cell,
  onCell,
}: {
  sweep: Sweep;
  /** Evaluation set of a zero-shot study; "" for the first. */
  question: string;
  cell: string;
  onCell: (cell: string) => void;
}) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "classification"));
  const rows = rowsAbout(query.data?.rows ?? [], question);
  const cells = cellsOf(rows);
  const current = cells.find((group) => cellKey(group) === cell) ?? cells[0];
  const row = rows.find((candidate) => candidate.positiveClass !== null);
  const binary = rows.some(({ runs }) => runs.some(({ confusion }) => confusion !== null));
  if (query.data && !binary) return null;
  return (
    <Section
      title="What does each run get wrong?"
      lead={
        row?.positiveClass
          ? `Counts of test cases per run: ${row.positiveClass} cases that were found (TP) or missed (FN), other cases that were called negative (TN) or positive (FP).`
          : "Counts of test cases per run."
      }
      aside={
        current ? (
          <CellChoice
            label="Configuration and seed of the confusion matrices"
            groups={cells}
            cell={cellKey(current)}
            onCell={onCell}
          />
        ) : null
      }
    >
      <QueryView query={query} height={240} label="Loading confusion matrices">
        {() => (
          <DataTable
            label="Confusion matrix of every run"
            rows={current ? runsOf(rows, cellKey(current)) : []}
            keyOf={(run) => run.runId}
            columns={[
              {
                key: "run",
                header: "Run",
                cell: (run) => (
                  <span className="nowrap">
                    <span
                      className={classes.swatch}
                      style={{ background: markOf(marks, run.arm).color }}
                      aria-hidden
                    />
                    <Link to="/runs/$runId" params={{ runId: run.runId }}>
                      {run.arm} {run.repeat + 1}
                    </Link>
                  </span>
                ),
              },
              {
                key: "tp",
                header: "TP",
                title: "True positives: positive cases that were found",
                right: true,
                cell: (run) => run.confusion?.tp ?? "–",
              },
              {
                key: "fn",
                header: "FN",
                title: "False negatives: positive cases that were missed",
                right: true,
                cell: (run) => run.confusion?.fn ?? "–",
              },
              {
                key: "tn",
                header: "TN",
                title: "True negatives: negative cases that were called negative",
                right: true,
                cell: (run) => run.confusion?.tn ?? "–",
              },
              {
                key: "fp",
                header: "FP",
                title: "False positives: negative cases that were called positive",
                right: true,
                cell: (run) => run.confusion?.fp ?? "–",
              },
              { key: "sens", header: "Sensitivity", right: true, cell: (run) => share(run.sensitivity, 1) },
              { key: "spec", header: "Specificity", right: true, cell: (run) => share(run.specificity, 1) },
              { key: "acc", header: "Accuracy", right: true, cell: (run) => share(run.accuracy, 1) },
              {
                key: "auc",
                header: "AUC",
                right: true,
                cell: (run) => (typeof run.auc === "number" ? run.auc.toFixed(4) : "–"),
              },
            ]}
          />
        )}
      </QueryView>
    </Section>
  );
}
