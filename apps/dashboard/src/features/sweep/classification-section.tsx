import type { ClassificationAnalysis, ClassificationRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { classificationQuery } from "../../shared/api/queries.js";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { cross, dashed, dot, Legend } from "../../shared/charts/legend.js";
import { OperatingPoints } from "../../shared/charts/operating-points.js";
import { count, finiteOrNull, metricDifference, metricValue, share } from "../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../shared/marks/arm-marks.js";
import { ExportLinks } from "../../shared/ui/export-links.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState } from "../../shared/ui/states.js";
import classes from "./sweep.module.css";

function dataOf(analysis: ClassificationAnalysis | undefined): ChartData {
  const rows = (analysis?.rows ?? []).flatMap((row) =>
    row.runs.map((run) => [
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
  const columns = "configuration,seed,arm,repeat,accuracy,sensitivity,specificity,auc,tp,fp,fn,tn".split(",");
  return { columns, rows };
}

type Spread = ClassificationRow["sensitivity"];
type Sampling = NonNullable<ClassificationRow["samplingIntervals"]>["sensitivity"];

function Figure({ spread, sampling }: { spread: Spread; sampling: Sampling }) {
  const sd = finiteOrNull(spread.sd);
  return (
    <td className={classes.test}>
      {metricValue(spread.mean, "fraction", sd)}{" "}
      <span className="dim">{sd === null ? "" : `SD ${metricDifference(sd, "fraction")}`}</span>
      {sampling ? (
        <span className={classes.sub}>
          sampling {share(sampling.low, 1)} to {share(sampling.high, 1)}
        </span>
      ) : null}
    </td>
  );
}

function ClassificationTable({
  rows,
  marks,
}: {
  rows: readonly ClassificationRow[];
  marks: readonly ArmMark[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll-x" tabIndex={0} aria-label="Sensitivity and specificity by group">
      <table className="data-table">
        <caption className={classes.caption}>
          Mean over runs with the SD between runs; below it, the 95 % Wilson interval of one run: what the
          size of the test set alone leaves open.
        </caption>
        <thead>
          <tr>
            <th scope="col">Configuration</th>
            <th scope="col">Seed</th>
            <th scope="col">Arm</th>
            <th scope="col" className="right">
              n
            </th>
            <th scope="col">Sensitivity</th>
            <th scope="col">Specificity</th>
            <th scope="col">Accuracy</th>
            <th scope="col">Two runs disagree on</th>
            <th scope="col">Cases that ever flip</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.group.configurationKey} ${row.group.seed} ${row.arm}`}>
              <th scope="row" className={classes.rowName}>
                {row.group.configurationLabel}
              </th>
              <td className="num">{row.group.seed}</td>
              <td className={classes.nowrap}>
                <span
                  className={classes.swatch}
                  style={{ background: markOf(marks, row.arm).color }}
                  aria-hidden
                />
                {row.arm}
              </td>
              <td className="right">{row.n}</td>
              <Figure spread={row.sensitivity} sampling={row.samplingIntervals?.sensitivity ?? null} />
              <Figure spread={row.specificity} sampling={row.samplingIntervals?.specificity ?? null} />
              <Figure spread={row.accuracy} sampling={row.samplingIntervals?.accuracy ?? null} />
              <td className={classes.nowrap}>
                {row.churn === null ? "–" : `${share(row.churn, 1)} of cases`}
              </td>
              <td className={classes.nowrap}>
                {row.flippedCases === null
                  ? "–"
                  : `${count(row.flippedCases)}${row.testCases === null ? "" : ` of ${count(row.testCases)}`}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function ClassificationSection({ sweep, marks }: { sweep: Sweep; marks: readonly ArmMark[] }) {
  const query = useQuery(classificationQuery(sweep.id));
  const positive = query.data?.rows.find((row) => row.positiveClass !== null)?.positiveClass;
  const binary = query.data?.rows.some((row) => row.runs.some((run) => run.sensitivity !== null)) ?? false;
  return (
    <ChartFrame
      title="Do the runs find the same patients?"
      lead={
        positive
          ? `Sensitivity is the share of ${positive} cases that were found, specificity the share of the others that were left alone. Larger points are several runs on one spot.`
          : "Sensitivity against specificity on the test split, one point per run."
      }
      name={`${sweep.name} sensitivity specificity`}
      data={dataOf(query.data)}
      controls={<ExportLinks sweepId={sweep.id} name="classification" title="Sensitivity and specificity" />}
      legend={
        binary ? (
          <Legend
            items={[
              ...marks.map((mark) => ({ mark: dot(mark.color), text: mark.name })),
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
              { mark: cross(), text: "95 % Wilson interval of one run: sampling of test cases" },
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
                <OperatingPoints rows={analysis.rows} arms={marks} />
              ) : (
                <p className={classes.note}>
                  This data set has more than two classes and no declared positive one, so there is no
                  sensitivity to draw.
                </p>
              )}
              <ClassificationTable rows={analysis.rows} marks={marks} />
              {analysis.notes.map((note) => (
                <p key={note} className={classes.note}>
                  {note}
                </p>
              ))}
            </>
          );
        }}
      </QueryView>
    </ChartFrame>
  );
}
