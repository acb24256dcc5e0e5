import type { AuditTable, ReferenceStudy } from "@reprise/contracts";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { hairline, hollowDiamond, Legend } from "../../shared/charts/legend.js";
import { Panels } from "../../shared/charts/panels.js";
import { PublishedPanel } from "../../shared/charts/published-panels.js";
import { type PublishedPoint, percentDomain, subjectColor } from "../../shared/charts/published-points.js";

/** A table with one experiment per row, several accuracies and a set to split the panels by. */
function experiments(study: ReferenceStudy): AuditTable | undefined {
  return study.tables.find(
    ({ columns }) =>
      columns.some(({ key }) => key === "set") &&
      columns.filter(({ role, unit }) => role === "accuracy" && unit === "percent").length > 1,
  );
}

/** The four panels of Figure 4 of the CLIP study: accuracy of every experiment on every data set, by set. */
export function Figure({ study }: { study: ReferenceStudy }) {
  const table = experiments(study);
  if (!table) return null;
  const columns = table.columns.flatMap((column, index) =>
    column.role === "accuracy" && column.unit === "percent" ? [{ column, index }] : [],
  );
  const subjects = columns.map(({ column }) => column.subject);
  const chance = new Map(
    columns.flatMap(({ column }) =>
      column.chance === undefined ? [] : [[column.subject, column.chance] as const],
    ),
  );
  const setAt = table.columns.findIndex(({ key }) => key === "set");
  const nameAt = table.columns.findIndex(({ role }) => role === "identity");
  const points = table.rows.flatMap((row) =>
    columns.map(({ column, index }): PublishedPoint & { set: string } => ({
      label: row[nameAt] ?? "",
      subject: column.subject,
      published: row[index] ? Number(row[index]) : null,
      measured: null,
      set: row[setAt] ?? "",
    })),
  );
  const domain = percentDomain(points, chance.values());
  return (
    <ChartFrame
      title="Which experiment did best on which data set?"
      lead="Accuracy as published, one run per experiment (the four panels of Figure 4). Differences between experiments and between runs cannot be distinguished from one run each."
      name={`${study.name} figure 4`}
      data={{
        columns: ["set", "experiment", "data set", "accuracy, %"],
        rows: points.map((point) => [point.set, point.label, point.subject, point.published]),
      }}
      legend={
        <Legend
          items={[
            ...subjects.map((subject, index) => ({
              mark: hollowDiamond(subjectColor(index)),
              text: subject,
            })),
            { mark: hairline(), text: "chance, in the colour of its data set" },
          ]}
        />
      }
    >
      <Panels>
        {[...new Set(points.map(({ set }) => set))].map((set, index) => (
          <PublishedPanel
            key={set}
            title={`(${"abcd"[index] ?? index + 1}) Set ${set}`}
            points={points.filter((point) => point.set === set)}
            subjects={subjects}
            chance={chance}
            domain={domain}
            label="accuracy, % · higher is better"
          />
        ))}
      </Panels>
    </ChartFrame>
  );
}
