import type { BesideReference } from "@reprise/contracts";
import { ChartFrame } from "../../../shared/charts/chart-frame.js";
import marks from "../../../shared/charts/chart-marks.module.css";
import { hollowDiamond, Legend } from "../../../shared/charts/legend.js";
import {
  PublishedPanel,
  type PublishedPoint,
  subjectColors,
} from "../../../shared/charts/published-panels.js";

type Row = BesideReference["rows"][number];

/** The data set of a published column: its header without what is measured. */
const subjectOf = (row: Row) => row.quantity.replace(/ accuracy$/i, "");

/** Panels as in the CLIP study's Figure 4, measured beside published; only for matched experiments. */
export function PublishedFigure({ rows, name }: { rows: readonly Row[]; name: string }) {
  const accuracies = rows.filter((row) => row.role === "accuracy" && row.unit === "percent");
  if (accuracies.length === 0) return null;
  const subjects = [...new Set(accuracies.map(subjectOf))];
  const points = accuracies.map((row): PublishedPoint & { arm: string } => ({
    label: row.configuration,
    subject: subjectOf(row),
    published: row.publishedValue,
    measured: row.measured,
    arm: row.arm,
  }));
  const lowest = Math.min(...accuracies.flatMap((row) => [row.publishedValue, row.measured]));
  return (
    <ChartFrame
      title="Where does each experiment stand beside its published figure?"
      lead="Accuracy: hollow as published, filled as measured here. Equal names do not make equal models, data or hardware."
      name={name}
      data={{
        columns: ["arm", "experiment", "data set", "published, %", "measured, %"],
        rows: points.map((point) => [point.arm, point.label, point.subject, point.published, point.measured]),
      }}
      legend={
        <Legend
          items={subjects.map((subject, index) => ({
            mark: hollowDiamond(subjectColors[index % subjectColors.length] ?? subjectColors[0]),
            text: subject,
          }))}
        />
      }
    >
      <div className={marks.panels}>
        {[...new Set(points.map(({ arm }) => arm))].map((arm) => (
          <PublishedPanel
            key={arm}
            title={arm}
            points={points.filter((point) => point.arm === arm)}
            subjects={subjects}
            chance={new Map()}
            domain={[Math.floor(lowest / 10) * 10, 100]}
            label="accuracy, % · higher is better"
          />
        ))}
      </div>
    </ChartFrame>
  );
}
