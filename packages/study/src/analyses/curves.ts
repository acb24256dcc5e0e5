import {
  type CurveGroup,
  type CurvesAnalysis,
  decodeNumber,
  type LadderCounts,
  type MetricSeries,
  type Run,
  referenceArm,
} from "@reprise/contracts";
import { type Bounds, mean, meanInterval, withinRange } from "@reprise/statistics";
import { cellsOf, known } from "./cells.js";
import { endsOf, membershipWords } from "./curve-ends.js";
import { leadingVerdicts } from "./general-verdicts.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  provenanceOf,
  runNotes,
  sortRuns,
} from "./input.js";
import { column, configurationColumn, tableOf } from "./table.js";
import { cutWords } from "./words.js";

type DrawnRun = { run: Run; series: MetricSeries; counted: boolean };

/**
 * What the positions of a group's series stand for. Runs of one configuration take equally many steps an epoch, because its
 * batch size and data set decide that.
 */
function countingOf(
  members: readonly DrawnRun[],
  ladders: ReadonlyMap<string, LadderCounts> | undefined,
): Pick<CurveGroup, "countedIn" | "stepsPerEpoch"> {
  const told = members.find(({ run }) => ladders?.has(run.id));
  const { epochs = null, steps = null } = (told && ladders?.get(told.run.id)) ?? {};
  const beyond = epochs !== null && (told?.series.steps.at(-1) ?? 0) > epochs;
  const each = epochs === null || steps === null ? Number.NaN : steps / epochs;
  return {
    countedIn: beyond ? "steps" : "epochs",
    stepsPerEpoch: Number.isInteger(each) && each > 0 ? each : null,
  };
}

function groupOf(
  members: readonly DrawnRun[],
  { ladders, range }: { ladders: ReadonlyMap<string, LadderCounts> | undefined; range: Bounds | undefined },
): CurveGroup | null {
  const first = members[0];
  if (!first) return null;
  const values = new Map<number, number[]>();
  const times = new Map<number, number[]>();
  for (const { series, counted } of members) {
    series.steps.forEach((step, i) => {
      const own = values.get(step) ?? [];
      const value = series.values[i];
      if (counted && value !== undefined) own.push(decodeNumber(value));
      values.set(step, own);
      const seconds = series.wallTimes[i];
      if (counted && seconds !== undefined) times.set(step, [...(times.get(step) ?? []), seconds]);
    });
  }
  const steps = [...values.keys()].toSorted((a, b) => a - b);
  const points = steps.map((step) => {
    const own = values.get(step) ?? [];
    const [low, high] = own.length > 1 ? withinRange(meanInterval(own), range) : [Number.NaN, Number.NaN];
    // A mean over NaN or infinity is none: the curve has a gap there.
    const allFinite = own.every(Number.isFinite);
    const finite = (value: number) => (allFinite ? known(value) : null);
    return { n: own.length, mean: finite(mean(own)), low: finite(low), high: finite(high) };
  });
  const inMean = members.filter(({ counted }) => counted);
  const drawn = {
    ...{ steps, n: points.map(({ n }) => n), ends: endsOf(inMean) },
    ...countingOf(members, ladders),
  };
  return {
    configurationKey: first.run.configurationKey,
    configurationLabel: first.run.configurationLabel,
    arm: first.run.arm,
    ...drawn,
    membership: membershipWords(drawn, inMean),
    seconds: steps.map((step) => known(mean(times.get(step) ?? []))),
    mean: points.map((point) => point.mean),
    low: points.map(({ low }) => low),
    high: points.map(({ high }) => high),
    runs: members.map(({ run, series }) => ({
      runId: run.id,
      seed: run.seed,
      repeat: run.repeat,
      steps: series.steps,
      values: series.values,
      wallTimes: series.wallTimes,
    })),
  };
}

/**
 * Mean with 95 % t interval per step over all runs of a configuration and arm, and every run. Of the deterministic arm one
 * run per seed enters the mean, because its repeats are copies. Running runs are drawn as far as they have come.
 */
export function curvesAnalysis(input: AnalysisInput): CurvesAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric.check?.refusal ? metric : null);
  const reference = referenceArm(spec)?.name;
  const running = metric.check?.refusal ? [] : sorted.pending.filter(({ status }) => status === "running");
  const cells = cellsOf(spec, [...sorted.used, ...running], metric.key);
  const drawn = cells.flatMap(({ deterministic, others }) =>
    [deterministic, ...others].flatMap((sample) =>
      (sample?.runs ?? []).flatMap((run): DrawnRun[] => {
        const series = input.series?.get(run.id);
        return series ? [{ run, series, counted: run.arm !== reference || run === sample?.runs[0] }] : [];
      }),
    ),
  );
  const keyOf = ({ run }: DrawnRun) => JSON.stringify([run.configurationKey, run.arm]);
  const groups = [...new Set(drawn.map(keyOf))].flatMap((key) => {
    const group = groupOf(
      drawn.filter((member) => keyOf(member) === key),
      { ladders: input.ladders, range: metric.check?.range },
    );
    return group ? [group] : [];
  });
  const flat = groups.flatMap((group) => group.steps.map((step, index) => ({ group, step, index })));
  const unit = metric.unit || null;
  const notes = runNotes({ sorted, metric });
  const seeds = new Set(drawn.map(({ run }) => run.seed)).size;
  if (seeds > 1) {
    notes.push(
      `The band is the 95 % t interval of the mean over all runs of ${seeds} seeds, as if they were independent. Repeats of one seed resemble each other, so where seeds differ it is too narrow: no comparison may rest on it.`,
    );
  }
  for (const { configurationLabel, arm, membership } of groups) {
    notes.push(...membership.map((words) => `${configurationLabel}, ${arm}: ${words}`));
  }
  return {
    analysis: "curves",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method: `Mean and 95 % t interval per step over all runs of a configuration and arm${cutWords(
        metric,
        flat.map(({ group, index }) => ({ low: group.low[index] ?? null, high: group.high[index] ?? null })),
      )}, without smoothing; of the deterministic arm one run per seed.`,
      correction: "Pointwise intervals, not corrected for the number of steps.",
    }),
    verdicts: leadingVerdicts({ ...sorted, check: metric.check ?? null }),
    notes,
    table: tableOf<(typeof flat)[number]>(
      `Course of ${metric.label}`,
      [
        configurationColumn(({ group }) => group.configurationLabel),
        column("arm", "Arm", null, "How the runs were executed", ({ group }) => group.arm),
        column("step", "Step", null, "Epoch of a metric that is measured per epoch", ({ step }) => step),
        column("n", "n", null, "Runs in the mean", ({ group, index }) => group.n[index] ?? 0),
        column("mean", "Mean", unit, "Mean over runs", ({ group, index }) => group.mean[index] ?? null),
        column(
          "low",
          "Low",
          unit,
          "95 % t interval of the mean, lower end",
          ({ group, index }) => group.low[index] ?? null,
        ),
        column("high", "High", unit, "Its upper end", ({ group, index }) => group.high[index] ?? null),
      ],
      flat,
    ),
    groups,
  };
}
