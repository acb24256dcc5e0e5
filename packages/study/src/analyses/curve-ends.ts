import type { CurveEnd, CurveGroup, MetricSeries, Run } from "@reprise/contracts";
import { joinWords } from "./words.js";

/** A run that enters the mean of a group, with its series. */
export type AveragedRun = { run: Pick<Run, "status">; series: MetricSeries };

type Drawn = Pick<CurveGroup, "steps" | "n" | "ends" | "countedIn" | "stepsPerEpoch">;

/** More ends than this are told in one sentence. */
const endsToldEach = 3;

/** Steps after which fewer runs are in the mean of a group, because others have no later point. */
export function endsOf(members: readonly AveragedRun[]): CurveEnd[] {
  const lasts = members.flatMap(({ run, series }) => {
    const step = series.steps.at(-1);
    return step === undefined ? [] : [{ step, running: run.status === "running" }];
  });
  const steps = [...new Set(lasts.map(({ step }) => step))].toSorted((a, b) => a - b);
  return steps.slice(0, -1).map((step) => ({
    step,
    ended: lasts.filter((last) => last.step === step && !last.running).length,
    running: lasts.filter((last) => last.step === step && last.running).length,
    of: lasts.length,
    goOn: lasts.filter((last) => last.step > step).length,
  }));
}

const runsEnd = (count: number, of: number) => `${count} of ${of} runs ${count === 1 ? "ends" : "end"}`;

/** What the positions of a group are called: epochs only where the ladder of its runs says so. */
const wordOf = ({ countedIn, stepsPerEpoch }: Drawn) =>
  countedIn === "epochs" && stepsPerEpoch !== null ? "epoch" : "step";

function endNotes(group: Drawn): string[] {
  const word = wordOf(group);
  const ended = group.ends.filter((end) => end.ended > 0);
  const [first] = ended;
  if (!first) return [];
  if (ended.length <= endsToldEach) {
    return ended.map(
      ({ step, ended: count, of, goOn }) =>
        `${runsEnd(count, of)} at ${word} ${step}; the mean afterwards is over the ${goOn} that ${goOn === 1 ? "continues" : "continue"}`,
    );
  }
  const count = ended.reduce((sum, end) => sum + end.ended, 0);
  const steps = ended.map(({ step }) => String(step));
  return [
    `${runsEnd(count, first.of)} before the others, at ${word}s ${joinWords(steps)}; after each of them the mean is over fewer runs`,
  ];
}

function runningNotes(group: Drawn): string[] {
  const behind = group.ends.filter(({ running }) => running > 0);
  const [first] = behind;
  if (!first) return [];
  const count = behind.reduce((sum, { running }) => sum + running, 0);
  return [
    `${count} of ${first.of} runs ${count === 1 ? "is" : "are"} still running and behind the others; the mean after ${wordOf(group)} ${first.step} is over fewer runs`,
  ];
}

/** Where runs that have a point before and after a step have none at it, or begin later than others. */
function gapNotes(group: Drawn, members: readonly AveragedRun[]): string[] {
  const word = wordOf(group);
  const firsts = members.flatMap(({ series }) => series.steps.at(0) ?? []);
  const begin = firsts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const late = firsts.filter((step) => step > begin);
  const latest = late.reduce((a, b) => Math.max(a, b), begin);
  const lacking = members.filter(({ series }) => {
    const own = new Set(series.steps);
    const [from = 0, to = 0] = [series.steps.at(0), series.steps.at(-1)];
    return group.steps.some(
      (step, index) => (group.n[index] ?? 0) > 0 && step > from && step < to && !own.has(step),
    );
  }).length;
  return [
    ...(late.length === 0
      ? []
      : [
          `${late.length} of ${firsts.length} runs ${late.length === 1 ? "begins" : "begin"} later, by ${word} ${latest}; the mean before it is over fewer runs`,
        ]),
    ...(lacking === 0
      ? []
      : [
          `${lacking} of ${firsts.length} runs ${lacking === 1 ? "has" : "have"} no value at some ${word}s at which others do; the mean is over different runs there, and n gives their number`,
        ]),
  ];
}

/** Where the mean has a gap because values of some runs are NaN or infinite. */
function notFiniteNotes(group: Drawn, members: readonly AveragedRun[]): string[] {
  const firsts = members.flatMap(({ series }) => {
    const at = series.values.findIndex((value) => typeof value !== "number");
    const first = series.values.at(at);
    const step = series.steps[at];
    return at < 0 || step === undefined || first === undefined ? [] : [{ step, value: first }];
  });
  if (firsts.length === 0) return [];
  const steps = firsts.map(({ step }) => step);
  const from = steps.reduce((a, b) => Math.min(a, b));
  const what = firsts.every(({ value }) => value === "NaN") ? "NaN" : "NaN or infinite";
  const runs = `${firsts.length} of ${members.length} runs ${firsts.length === 1 ? "has" : "have"} values that are ${what}`;
  return [`${runs}, first at ${wordOf(group)} ${from}; the curve has a gap wherever one occurs`];
}

/** Where the mean of a group moves because other runs are in it, in words. */
export function membershipWords(group: Drawn, members: readonly AveragedRun[]): string[] {
  return [
    ...endNotes(group),
    ...runningNotes(group),
    ...gapNotes(group, members),
    ...notFiniteNotes(group, members),
  ].map((note) => `${note}.`);
}
