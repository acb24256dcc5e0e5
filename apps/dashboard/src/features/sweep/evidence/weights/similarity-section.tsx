import type { SimilarityGroup, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { type ChartData, fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { LinePanel } from "../../../../shared/charts/lazy-line-panel.js";
import { dashed, Legend, line } from "../../../../shared/charts/legend.js";
import type { PanelLine } from "../../../../shared/charts/line-rows.js";
import { FurtherGroups, Panel, Panels } from "../../../../shared/charts/panels.js";
import { finiteOrNull } from "../../../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../../../shared/marks/arm-marks.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../../../shared/ui/states.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { Outputs, Probes } from "./similarity-tables.js";

/** Panels of their own beyond this make a wall; the table and the files have them all. */
const shownPanels = 8;

function linesOf(groups: readonly SimilarityGroup[], marks: readonly ArmMark[]): PanelLine[] {
  return groups.flatMap((group): PanelLine[] => {
    const color = markOf(marks, group.arm).color;
    const shared = { color, steps: group.epochs };
    return [
      {
        ...shared,
        key: `least ${group.arm}`,
        label: `${group.arm}, least similar pair`,
        values: group.min.map(finiteOrNull),
        dash: "2 2",
      },
      {
        ...shared,
        key: `mean ${group.arm}`,
        label: `${group.arm}, mean of pairs`,
        values: group.mean.map(finiteOrNull),
      },
    ];
  });
}

/** On a logarithmic axis: equal weights, at a distance of 0, have no place on it. */
function distancesOf(groups: readonly SimilarityGroup[], marks: readonly ArmMark[]): PanelLine[] {
  const positive = (values: SimilarityGroup["distance"]) =>
    values.map((value) => {
      const number = finiteOrNull(value);
      return number !== null && number > 0 ? number : null;
    });
  return groups.flatMap((group): PanelLine[] => {
    const shared = { color: markOf(marks, group.arm).color, steps: group.epochs };
    const lines = [
      {
        ...shared,
        key: `largest ${group.arm}`,
        label: `${group.arm}, largest of pairs`,
        values: positive(group.maxDistance),
        dash: "2 2",
      },
      {
        ...shared,
        key: `distance ${group.arm}`,
        label: `${group.arm}, mean of pairs`,
        values: positive(group.distance),
      },
    ];
    return lines.filter(({ values }) => values.some((value) => value !== null));
  });
}

function panelsOf(groups: readonly SimilarityGroup[]): { name: string; groups: SimilarityGroup[] }[] {
  const panels = new Map<string, { name: string; groups: SimilarityGroup[] }>();
  for (const group of groups) {
    if (group.epochs.length === 0) continue;
    const name = `${group.group.configurationLabel} · seed ${group.group.seed}`;
    const panel = panels.get(name) ?? { name, groups: [] };
    panel.groups.push(group);
    panels.set(name, panel);
  }
  return [...panels.values()];
}

function commonDomain(groups: readonly SimilarityGroup[]): [number, number] | undefined {
  const values = groups.flatMap((group) => group.min.flatMap((value) => finiteOrNull(value) ?? []));
  if (values.length === 0) return undefined;
  const low = values.reduce((a, b) => Math.min(a, b));
  return [low - (1 - low || 0.01) * 0.05, 1];
}

const nothing: ChartData = { columns: [], rows: [] };

/** How the distance grows, where runs differ at all: a change of one ulp and another order of additions side by side. */
function DistanceGrowth({
  panels,
  marks,
}: {
  panels: ReturnType<typeof panelsOf>;
  marks: readonly ArmMark[];
}) {
  const drawn = panels
    .map(({ name, groups }) => ({ name, lines: distancesOf(groups, marks) }))
    .filter(({ lines }) => lines.length > 0);
  if (drawn.length === 0) return null;
  return (
    <>
      <Note>
        Growth of the distance between two runs of an arm, 2 ‖a − b‖ / (‖a‖ + ‖b‖) of their last layers, on a
        logarithmic axis; equal weights are not drawn. Last layers are recorded after each epoch: how fast a
        change of one ulp grows within the first epoch is not seen.
      </Note>
      <Panels>
        {drawn.slice(0, shownPanels).map(({ name, lines }) => (
          <Panel key={name} title={`${name} · distance`}>
            <Suspense fallback={<Placeholder height={240} label="Loading the chart" />}>
              <LinePanel
                name={`${name}: mean and largest relative distance between last layers per epoch; the same figures are in the data table`}
                lines={lines}
                unit=""
                yLabel="distance"
                log
                height={240}
              />
            </Suspense>
          </Panel>
        ))}
      </Panels>
    </>
  );
}

/** Figures 2 and 3: how the last layers of repeats drift apart, epoch by epoch. */
export function SimilaritySection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "similarity"));
  const panels = panelsOf(query.data?.groups ?? []);
  const domain = commonDomain(query.data?.groups ?? []);
  return (
    <ChartFrame
      title="How far do the weights of repeats drift apart?"
      lead="Cosine between the last layers of every pair of repeats, per epoch; 1 is the same direction. Only runs of one seed are compared: networks of different seeds have their units in different order."
      name={`${sweep.name} similarity`}
      data={query.data ? fromAnalysisTable(query.data.table) : nothing}
      controls={<ExportLinks sweepId={sweep.id} name="similarity" title="Similarity of weights" />}
      legend={
        <Legend
          items={marks.flatMap((mark) => [
            { mark: line(mark.color), text: `${mark.name}: mean of pairs` },
            { mark: dashed(mark.color), text: `${mark.name}: least similar, most distant pair` },
          ])}
        />
      }
    >
      <QueryView query={query} height={320} label="Loading the similarity of weights">
        {(analysis) =>
          panels.length === 0 ? (
            <EmptyState title="No pair of repeats has recorded its weights yet.">
              Trainers send the last layer after every epoch; two ended repeats of one seed make a pair.
            </EmptyState>
          ) : (
            <>
              <VerdictList verdicts={analysis.verdicts} />
              <Panels>
                {panels.slice(0, shownPanels).map((panel) => (
                  <Panel key={panel.name} title={panel.name}>
                    <Suspense fallback={<Placeholder height={240} label="Loading the chart" />}>
                      <LinePanel
                        name={`${panel.name}: mean and least cosine between last layers per epoch; the same figures are in the data table`}
                        lines={linesOf(panel.groups, marks)}
                        unit=""
                        yLabel="cosine"
                        domain={domain}
                        height={240}
                      />
                    </Suspense>
                  </Panel>
                ))}
              </Panels>
              <DistanceGrowth panels={panels} marks={marks} />
              <FurtherGroups groups={panels.length} shown={shownPanels} />
              <Probes groups={analysis.groups} />
              <Outputs groups={analysis.groups} />
              <Notes notes={analysis.notes} />
            </>
          )
        }
      </QueryView>
    </ChartFrame>
  );
}
