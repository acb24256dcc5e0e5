import type { ClassificationAnalysis, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import type { ChartData } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { cross, dashed, diamond, dot, Legend } from "../../../../shared/charts/legend.js";
import { OperatingPoints } from "../../../../shared/charts/operating-points.js";
import { finiteOrNull } from "../../../../shared/format/numbers.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { QuestionChoice, rowsAbout } from "../question-choice.js";
import { ClassificationTable } from "./classification-table.js";

function dataOf(analysis: ClassificationAnalysis | undefined): ChartData {
  const rows = (analysis?.rows ?? []).flatMap((row) =>
    row.runs.map((run) => [
      row.question,
      row.group.configurationLabel,
      row.group.seed,
      row.arm,
      run.repeat,
      finiteOrNull(run.accuracy),
      finiteOrNull(run.sensitivity),
      finiteOrNull(run.specificity),
      finiteOrNull(run.auc),
      run.confusion?.tp ?? null,
      run.confusion?.fp ?? null,
      run.confusion?.fn ?? null,
      run.confusion?.tn ?? null,
    ]),
  );
  const columns =
    "question,configuration,seed,arm,repeat,accuracy,sensitivity,specificity,auc,tp,fp,fn,tn".split(",");
  return { columns, rows };
}

export function ClassificationSection({
  sweep,
  question,
  onQuestion,
}: {
  sweep: Sweep;
  /** Evaluation set of a zero-shot study; "" for the first. */
  question: string;
  onQuestion: (question: string) => void;
}) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "classification"));
  const all = query.data?.rows ?? [];
  const rows = rowsAbout(all, question);
  const positive = rows.find((row) => row.positiveClass !== null)?.positiveClass;
  const binary = rows.some((row) => row.runs.some((run) => run.sensitivity !== null));
  return (
    <ChartFrame
      title={binary ? "Do the runs find the same cases?" : "Do the runs classify the cases identically?"}
      lead={
        positive
          ? `Sensitivity is the share of ${positive} cases that were found, specificity the share of the others that were called negative. Larger points are several runs on one spot.`
          : "Accuracy on the test split, and the cases on which runs of one configuration and seed disagree."
      }
      name={`${sweep.name} sensitivity specificity`}
      data={dataOf(query.data)}
      controls={
        <>
          <QuestionChoice rows={all} chosen={question} onChoose={onQuestion} />
          <ExportLinks sweepId={sweep.id} name="classification" title="Sensitivity and specificity" />
        </>
      }
      legend={
        binary ? (
          <Legend
            items={[
              ...marks.map((mark) => ({
                mark: mark.kind === "deterministic" ? diamond(mark.color) : dot(mark.color),
                text: mark.name,
              })),
              {
                mark: (
                  <rect
                    x="2"
                    y="2"
                    width="14"
                    height="10"
                    rx="3"
                    fill="none"
                    stroke="var(--ink-3)"
                    strokeDasharray="4 3"
                  />
                ),
                text: "range between runs",
              },
              { mark: dashed("var(--rule-strong)"), text: "equal accuracy" },
              { mark: cross(), text: "95 % interval of the first row: sampling of test cases" },
            ]}
          />
        ) : null
      }
    >
      <QueryView query={query} height={320} label="Loading sensitivity and specificity">
        {(analysis) => {
          if (analysis.rows.length === 0) {
            return (
              <EmptyState title="No test predictions yet.">
                They are written when a run ends, at the epoch that the sweep selects.
              </EmptyState>
            );
          }
          return (
            <>
              {binary ? (
                <OperatingPoints rows={rows} arms={marks} />
              ) : (
                <Note>
                  This data set has more than two classes and no declared positive one, so there is no
                  sensitivity to draw.
                </Note>
              )}
              <ClassificationTable rows={rows} marks={marks} binary={binary} />
              {analysis.notes.map((note) => (
                <Note key={note}>{note}</Note>
              ))}
            </>
          );
        }}
      </QueryView>
    </ChartFrame>
  );
}
