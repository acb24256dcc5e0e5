import type { AnalysisName, AnalysisTable, CaseScope, Sweep, Verdict } from "@reprise/contracts";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { BandCurves, type ReferenceLine } from "../../../../shared/charts/band-curves.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { band, hairline, Legend, line } from "../../../../shared/charts/legend.js";
import { FurtherGroups, Panels } from "../../../../shared/charts/panels.js";
import { finiteOrNull } from "../../../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import type { DataColumn } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { panelsOf, shownPanels } from "./scope-panels.js";

type Scoped = { scope: CaseScope };
type Answer = { table: AnalysisTable; verdicts: readonly Verdict[]; notes: readonly string[] };

/** An analysis of scopes: its sentences, a drawing of each scope or of the arms of one, a table, and what to know of them. */
export function ScopeSection<Analysis extends Answer>({
  sweep,
  name,
  query,
  title,
  lead,
  exported,
  legend,
  panels,
  children,
}: {
  sweep: Sweep;
  name: AnalysisName;
  query: UseQueryResult<Analysis>;
  title: string;
  lead: string;
  /** Title of the tables that can be taken away. */
  exported: string;
  legend?: ReactNode;
  /** Drawings, each with a key; those beyond the first are counted. */
  panels: readonly ReactElement[];
  children: ReactNode;
}) {
  return (
    <ChartFrame
      title={title}
      lead={lead}
      name={`${sweep.name} ${name}`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={<ExportLinks sweepId={sweep.id} name={name} title={exported} />}
      legend={legend}
    >
      <QueryView query={query} height={360} label={`Loading: ${title}`}>
        {(analysis) => (
          <>
            <VerdictList verdicts={analysis.verdicts} />
            <Panels>{panels.slice(0, shownPanels)}</Panels>
            <FurtherGroups groups={panels.length} shown={shownPanels} />
            {children}
            <Notes notes={analysis.notes} />
          </>
        )}
      </QueryView>
    </ChartFrame>
  );
}

/** Mean and range of every arm, and what they are read against. */
export function BandLegend({ marks, reference }: { marks: readonly ArmMark[]; reference: string }) {
  return (
    <Legend
      items={[
        ...marks.map((mark) => ({
          mark: (
            <>
              {band(mark.color)}
              {line(mark.color, mark.dash)}
            </>
          ),
          text: `${mark.name}: mean, range between runs`,
        })),
        { mark: hairline(), text: reference },
      ]}
    />
  );
}

type Band = Record<"mean" | "min" | "max", readonly Parameters<typeof finiteOrNull>[0][]>;

/** A drawing for every configuration (and seed), with a curve for each of its arms. */
export function bandPanels<Row extends Scoped>(
  rows: readonly Row[],
  marks: readonly ArmMark[],
  {
    name,
    x,
    curve,
    references,
    ...axes
  }: {
    name: string;
    x: (row: Row) => readonly number[];
    curve: (row: Row) => Band;
    references: (row: Row) => readonly ReferenceLine[];
    domain: { x: [number, number]; y: [number, number] };
    xLabel: string;
    yLabel: string;
  },
): ReactElement[] {
  return panelsOf(rows).flatMap(([title, own]) => {
    const [first] = own;
    if (!first) return [];
    const curves = own.map((row) => {
      const { mean, min, max } = curve(row);
      return {
        key: row.scope.arm,
        color: markOf(marks, row.scope.arm).color,
        dash: markOf(marks, row.scope.arm).dash,
        mean: mean.map(finiteOrNull),
        min: min.map(finiteOrNull),
        max: max.map(finiteOrNull),
      };
    });
    return [
      <BandCurves
        key={title}
        title={title}
        name={name}
        x={x(first)}
        curves={curves}
        references={references(first)}
        {...axes}
      />,
    ];
  });
}

/** The rows that are drawn, for the table below the drawings. */
export const shownRows = <Row extends Scoped>(rows: readonly Row[]): Row[] =>
  panelsOf(rows).flatMap(([, own]) => own);

export const scopeKey = ({ scope }: Scoped): string => `${scope.configurationKey} ${scope.seed} ${scope.arm}`;

/** Configuration, arm and runs: the first columns of a table of scopes. */
export function scopeColumnsOf<Row extends Scoped>(marks: readonly ArmMark[]): DataColumn<Row>[] {
  return [
    { key: "configuration", header: "Configuration", cell: ({ scope }) => scope.configurationLabel },
    { key: "arm", header: "Arm", cell: ({ scope }) => <ArmName arm={scope.arm} marks={marks} /> },
    { key: "n", header: "Runs", right: true, cell: ({ scope }) => scope.runs },
  ];
}
