import { SegmentedControl } from "@mantine/core";
import type { RocGroup, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { fromAnalysisTable } from "../../../../shared/charts/chart-data.js";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { band, hairline, Legend, line } from "../../../../shared/charts/legend.js";
import { FurtherGroups, Panels } from "../../../../shared/charts/panels.js";
import { RocCurves, type RocView } from "../../../../shared/charts/roc-curves.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { useArmMarks } from "../../use-arm-marks.js";

const shownPanels = 8;
const views: { value: RocView; label: string }[] = [
  { value: "whole", label: "Whole" },
  { value: "corner", label: "Corner" },
];

function panelsOf(groups: readonly RocGroup[]): [string, RocGroup[]][] {
  const panels = new Map<string, RocGroup[]>();
  for (const group of groups) {
    const title = `${group.group.configurationLabel} · seed ${group.group.seed}`;
    panels.set(title, [...(panels.get(title) ?? []), group]);
  }
  return [...panels];
}

/** Sensitivity that all mean curves reach at the right edge of the corner for it to show them. */
const reachedInCorner = 0.85;

/** The corner where all curves run through it; else the whole plane, so that no drawing is empty. */
function fittingView(groups: readonly RocGroup[]): RocView {
  const reached = groups.map(({ band: { falsePositiveRate, mean } }) => {
    const edge = falsePositiveRate.findLastIndex((rate) => rate <= 0.3);
    return mean[edge] ?? 0;
  });
  return reached.every((sensitivity) => sensitivity >= reachedInCorner) ? "corner" : "whole";
}

/** Would another threshold have told the runs apart? */
export function RocSection({
  sweep,
  asked,
  onView,
}: {
  sweep: Sweep;
  /** The part of the plane that is drawn; "" for what shows the curves. */
  asked: RocView | "";
  onView: (view: RocView) => void;
}) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "roc"));
  const groups = query.data?.groups ?? [];
  const view = asked === "" ? fittingView(groups) : asked;
  const panels = panelsOf(groups);
  return (
    <ChartFrame
      title="Do the runs rank the cases the same way, at any threshold?"
      lead="ROC curves on the test split: the band is the range between runs, the line their mean at equal false-positive rate, single runs faint. The diagonal is chance."
      name={`${sweep.name} roc`}
      data={query.data ? fromAnalysisTable(query.data.table) : { columns: [], rows: [] }}
      controls={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Part of the plane"
            value={view}
            data={views}
            onChange={(next) => onView(next === "whole" ? "whole" : "corner")}
          />
          <ExportLinks sweepId={sweep.id} name="roc" title="Areas under the ROC curve" />
        </>
      }
      legend={
        panels.length > 0 ? (
          <Legend
            items={[
              ...marks.map((mark) => ({
                mark: (
                  <>
                    {band(mark.color)}
                    {line(mark.color, mark.dash)}
                  </>
                ),
                text: mark.name,
              })),
              { mark: hairline(), text: "chance" },
            ]}
          />
        ) : null
      }
    >
      <QueryView query={query} height={360} label="Loading ROC curves">
        {(analysis) =>
          panels.length === 0 ? (
            <EmptyState title="No ROC curve to draw.">
              A curve needs test scores of two classes with a declared positive one.
            </EmptyState>
          ) : (
            <>
              <Panels>
                {panels.slice(0, shownPanels).map(([title, groups]) => (
                  <RocCurves key={title} title={title} groups={groups} arms={marks} view={view} />
                ))}
              </Panels>
              <FurtherGroups groups={panels.length} shown={shownPanels} />
              <Notes notes={analysis.notes} />
            </>
          )
        }
      </QueryView>
    </ChartFrame>
  );
}
