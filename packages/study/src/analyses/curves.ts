import {
  type CurveGroup,
  type CurvesAnalysis,
  decodeNumber,
  type LadderCounts,
  type MetricSeries,
  type Run,
  referenceArm,
  type WireNumber,
} from "@reprise/contracts";
import {
  type Bounds,
  guardedConfidence,
  mean,
  meanInterval,
  standardDeviation,
  withinRange,
} from "@reprise/statistics";
import { hasDeparted } from "../claims/departures.js";
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

/** Fewer observations have no interval of their mean: the curves themselves say more. */
const fewestForInterval = 3;

type Value = WireNumber | null;
type Point = {
  n: number;
  units: number;
  mean: Value;
  low: Value;
  high: Value;
  sd: Value;
  min: Value;
  max: Value;
};

/**
 * Mean of all runs at a step, and its interval from what is independent: one mean per seed, or the runs of the only seed. Null where
 * a value is not finite: a mean over NaN or infinity is none, and the curve has a gap there.
 */
function pointOf(own: readonly { seed: number; value: number }[], range: Bounds | undefined): Point {
  const values = own.map(({ value }) => value);
  const nothing = { mean: null, low: null, high: null, sd: null, min: null, max: null };
  const untold = { n: own.length, units: 0, ...nothing };
  if (values.length === 0 || !values.every(Number.isFinite)) return untold;
  const bySeed = new Map<number, number[]>();
  for (const { seed, value } of own) {
    const ofSeed = bySeed.get(seed);
    if (ofSeed) ofSeed.push(value);
    else bySeed.set(seed, [value]);
  }
  const units = bySeed.size > 1 ? [...bySeed.values()].map(mean) : values;
  const centre = {
    ...untold,
    units: units.length,
    mean: known(mean(units)),
    sd: units.length > 1 ? known(standardDeviation(units)) : null,
    min: known(Math.min(...values)),
    max: known(Math.max(...values)),
  };
  if (units.length < fewestForInterval) return centre;
  const [low, high] = withinRange(meanInterval(units, guardedConfidence.mean), range);
  return { ...centre, low: known(low), high: known(high) };
}

function groupOf(
  members: readonly DrawnRun[],
  { ladders, range }: { ladders: ReadonlyMap<string, LadderCounts> | undefined; range: Bounds | undefined },
): CurveGroup | null {
  const first = members[0];
  if (!first) return null;
  const values = new Map<number, { seed: number; value: number }[]>();
  const times = new Map<number, number[]>();
  for (const { run, series, counted } of members) {
    series.steps.forEach((step, i) => {
      const own = values.get(step) ?? [];
      const value = series.values[i];
      if (counted && value !== undefined) own.push({ seed: run.seed, value: decodeNumber(value) });
      values.set(step, own);
      const seconds = series.wallTimes[i];
      if (!counted || seconds === undefined) return;
      const known = times.get(step);
      if (known) known.push(seconds);
      else times.set(step, [seconds]);
    });
  }
  const steps = [...values.keys()].toSorted((a, b) => a - b);
  const points = steps.map((step) => pointOf(values.get(step) ?? [], range));
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
    units: points.map(({ units }) => units),
    sd: points.map(({ sd }) => sd),
    min: points.map(({ min }) => min),
    max: points.map(({ max }) => max),
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
 * Mean with its 95 % interval over seeds per step, of a configuration and arm, and every run. Of the deterministic arm one
 * run per seed enters the mean, because its repeats are copies. Running runs are drawn as far as they have come, and those that did not
 * run as requested are drawn without entering the mean.
 */
export function curvesAnalysis(input: AnalysisInput): CurvesAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric.check?.refusal ? metric : null);
  const reference = referenceArm(spec)?.name;
  const running = metric.check?.refusal ? [] : sorted.pending.filter(({ status }) => status === "running");
  const cells = cellsOf(spec, [...sorted.used, ...sorted.departed, ...running], metric.key);
  const drawn = cells.flatMap(({ deterministic, others }) =>
    [deterministic, ...others].flatMap((sample) => {
      const first = sample?.runs.find((run) => !hasDeparted(run));
      return (sample?.runs ?? []).flatMap((run): DrawnRun[] => {
        const series = input.series?.get(run.id);
        const counted = !hasDeparted(run) && (run.arm !== reference || run === first);
        return series ? [{ run, series, counted }] : [];
      });
    }),
  );
  const keyOf = ({ run }: DrawnRun) => JSON.stringify([run.configurationKey, run.arm]);
  const groups = [...new Set(drawn.map(keyOf))].flatMap((key) => {
    const group = groupOf(
      drawn.filter((member) => keyOf(member) === key),
      { ladders: input.ladders, range: metric.check?.range },
    );
    return group ? [group] : [];
  });
  const flat = groups
    .flatMap((group) => group.steps.map((step, index) => ({ group, step, index })))
    .filter(({ group, index }) => (group.n[index] ?? 0) > 0);
  const unit = metric.unit || null;
  const notes = runNotes({ sorted, metric });
  const seeds = new Set(drawn.filter(({ counted }) => counted).map(({ run }) => run.seed)).size;
  if (seeds > 0)
    notes.push(
      seeds > 1
        ? `Mean and band are over ${seeds} seeds; repeats of a seed are averaged first, because they are not independent. ${seeds < fewestForInterval ? `A band needs ${fewestForInterval} seeds.` : "Comparing two curves by their bands is not a test; see the tests of configurations."}`
        : "The band is over the repeats of one seed and says nothing about other seeds.",
    );
  for (const { configurationLabel, arm, membership } of groups) {
    notes.push(...membership.map((words) => `${configurationLabel}, ${arm}: ${words}`));
  }
  return {
    analysis: "curves",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method: `Mean per step over the seeds of a configuration and arm, repeats of a seed averaged, and its 95 % interval from ${fewestForInterval} seeds on (over repeats where there is one seed): Student's at ${100 * guardedConfidence.mean} %, so that it covers 95 % also of skewed values${cutWords(
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
        column(
          "mean",
          "Mean",
          unit,
          "Mean over seeds, repeats of a seed averaged",
          ({ group, index }) => group.mean[index] ?? null,
        ),
        column(
          "low",
          "Low",
          unit,
          "95 % interval of the mean over seeds, lower end",
          ({ group, index }) => group.low[index] ?? null,
        ),
        column("high", "High", unit, "Its upper end", ({ group, index }) => group.high[index] ?? null),
      ],
      flat,
    ),
    groups,
  };
}
