import type { RocGroup } from "@reprise/contracts";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import { BandCurves } from "./band-curves.js";

/** The part of the plane that is drawn: all of it, or the corner where good classifiers live. */
export type RocView = "whole" | "corner";
const domains: Record<RocView, { x: [number, number]; y: [number, number] }> = {
  whole: { x: [0, 100], y: [0, 100] },
  corner: { x: [0, 30], y: [70, 100] },
};

/** ROC curves of the runs of one configuration and seed: the range between runs as a band, their mean, single runs faint. */
export function RocCurves({
  title,
  groups,
  arms,
  view,
}: {
  title: string;
  groups: readonly RocGroup[];
  arms: readonly ArmMark[];
  view: RocView;
}) {
  const rates = groups[0]?.band.falsePositiveRate ?? [];
  const positive = groups[0]?.positiveClass;
  return (
    <BandCurves
      title={title}
      name={`ROC curves of ${groups.reduce((sum, group) => sum + group.runs.length, 0)} runs; their areas are in the data table`}
      x={rates}
      curves={groups.map(({ arm, band, runs }) => ({
        key: arm,
        color: markOf(arms, arm).color,
        dash: markOf(arms, arm).dash,
        ...{ mean: band.mean, min: band.min, max: band.max },
        singles: runs.map((run) => ({ key: run.runId, x: run.falsePositiveRate, y: run.truePositiveRate })),
      }))}
      references={[{ key: "chance", y: rates }]}
      domain={domains[view]}
      xLabel="false-positive rate, % · lower is better"
      yLabel={`sensitivity${positive ? ` (${positive})` : ""}, %`}
    />
  );
}
