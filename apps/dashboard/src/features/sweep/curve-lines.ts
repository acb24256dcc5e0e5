import type { CurveGroup } from "@reprise/contracts";
import type { PanelLine, PanelMark } from "../../shared/charts/line-rows.js";
import { finiteOrNull } from "../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../shared/marks/arm-marks.js";

/** More single runs than this behind one mean only make a grey cloud; the CSV and the API have them all. */
const rawRunsPerArm = 24;

/** The t interval of two runs spans many times what they differ by and would hide everything else. */
const runsForBand = 3;

/** What the band around a mean shows; its 95 % t interval where nothing is asked for. */
export const bandKinds = ["", "sd", "se", "range"] as const;
export type BandKind = (typeof bandKinds)[number];

/** Ends of the band at every step; null where there is none. */
function bandOf(group: CurveGroup, kind: BandKind): { low: (number | null)[]; high: (number | null)[] } {
  const at = (index: number): [number | null, number | null] => {
    if (kind === "range") return [finiteOrNull(group.min[index]), finiteOrNull(group.max[index])];
    if (kind === "") {
      const enough = (group.n[index] ?? 0) >= runsForBand;
      return enough ? [finiteOrNull(group.low[index]), finiteOrNull(group.high[index])] : [null, null];
    }
    const [mean, sd] = [finiteOrNull(group.mean[index]), finiteOrNull(group.sd[index])];
    if (mean === null || sd === null) return [null, null];
    const half = kind === "sd" ? sd : sd / Math.sqrt(group.units[index] ?? 1);
    return [mean - half, mean + half];
  };
  const ends = group.steps.map((_, index) => at(index));
  return { low: ends.map(([low]) => low), high: ends.map(([, high]) => high) };
}

/** Along epochs (or steps, where a metric is reported by step), along optimisation steps, or along time. */
export type CurveView = { x: "" | "step" | "time"; log: "" | "on"; smooth: string; band: BandKind };

/** Whether all of it is told by epoch; without curves too, because most are. */
export const countedByEpoch = (groups: readonly CurveGroup[]) =>
  groups.every(({ countedIn }) => countedIn === "epochs");

/** Whether the digest ladders tell at which optimisation step every point lies. */
export const stepsKnown = (groups: readonly CurveGroup[]) =>
  groups.length > 0 && groups.every((group) => group.stepsPerEpoch !== null);

/** Where positions of a group lie along the axis that is drawn, time aside. */
function placesOf(group: CurveGroup, steps: readonly number[], byStep: boolean): number[] {
  const each = byStep && group.countedIn === "epochs" ? (group.stepsPerEpoch ?? 1) : 1;
  return steps.map((step) => step * each);
}

/** Exponential moving average from the first value on, undone of its start. For the eye: figures stay as they are. */
function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0;
  let left = 1;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    left *= weight;
    return average / (1 - left);
  });
}

export function linesOf(
  groups: readonly CurveGroup[],
  marks: readonly ArmMark[],
  view: CurveView,
): PanelLine[] {
  const weight = smoothingOf(view);
  const byTime = view.x === "time";
  const byStep = view.x === "step";
  const drawn = (values: readonly (number | null)[]) => (weight > 0 ? smoothed(values, weight) : values);
  return groups.flatMap((group): PanelLine[] => {
    const { color, dash } = markOf(marks, group.arm);
    const raw = group.runs.slice(0, rawRunsPerArm).map(
      (run): PanelLine => ({
        key: run.runId,
        label: `${group.arm}, seed ${run.seed}, repeat ${run.repeat + 1}`,
        color,
        steps: byTime ? run.wallTimes : placesOf(group, run.steps, byStep),
        values: drawn(run.values.map(finiteOrNull)),
        faint: true,
      }),
    );
    const mean: PanelLine = {
      key: `mean ${group.arm}`,
      label: group.arm,
      color,
      dash,
      steps: byTime
        ? group.seconds.map((seconds) => finiteOrNull(seconds) ?? 0)
        : placesOf(group, group.steps, byStep),
      values: drawn(group.mean.map(finiteOrNull)),
      // An interval around a smoothed line would be an interval of nothing.
      ...(weight > 0
        ? {}
        : {
            band: bandOf(group, view.band),
          }),
    };
    return [...raw, mean];
  });
}

/** More marks than these would hide the lines; the words below the chart have them all. */
const marksPerGroup = 3;

/** Where runs of a group have ended, so that its mean is of fewer from there on. */
export function endMarksOf(
  groups: readonly CurveGroup[],
  marks: readonly ArmMark[],
  view: CurveView,
): PanelMark[] {
  return groups.flatMap((group, row) =>
    group.ends
      .filter(({ ended }) => ended > 0)
      .slice(0, marksPerGroup)
      .map(({ step, ended, of }) => {
        const [place = step] = placesOf(group, [step], view.x === "step");
        const seconds = finiteOrNull(group.seconds[group.steps.indexOf(step)]);
        return {
          at: view.x === "time" ? (seconds ?? 0) : place,
          text: `${ended} of ${of} ${ended === 1 ? "ends" : "end"}`,
          color: markOf(marks, group.arm).color,
          row,
        };
      }),
  );
}

/** Where the first run of a group is NaN or infinite, from where on its mean has a gap. */
export function gapMarksOf(
  groups: readonly CurveGroup[],
  marks: readonly ArmMark[],
  view: CurveView,
): PanelMark[] {
  return groups.flatMap((group, row) => {
    const firsts = group.runs.flatMap((run) => {
      const index = run.values.findIndex((value) => typeof value !== "number");
      const step = run.steps[index];
      return index < 0 || step === undefined ? [] : [{ step, seconds: run.wallTimes[index] ?? 0 }];
    });
    const [first] = firsts.toSorted((a, b) => a.step - b.step);
    if (!first) return [];
    const [place = first.step] = placesOf(group, [first.step], view.x === "step");
    return [
      {
        at: view.x === "time" ? first.seconds : place,
        text: `${firsts.length} of ${group.runs.length} not finite`,
        color: markOf(marks, group.arm).color,
        row: row + groups.length,
      },
    ];
  });
}

/** Weight of what came before, 0 for none. */
export function smoothingOf({ smooth }: CurveView): number {
  const weight = Number(smooth);
  return weight > 0 && weight < 1 ? weight : 0;
}

/** One range for all panels, so that they can be compared; intervals may leave it. */
export function commonDomain(groups: readonly CurveGroup[]): [number, number] | undefined {
  const values = groups.flatMap((group) =>
    [...group.mean, ...group.runs.flatMap((run) => run.values)].flatMap((value) => finiteOrNull(value) ?? []),
  );
  if (values.length === 0) return undefined;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}
