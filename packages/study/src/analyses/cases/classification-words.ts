import { decodeNumber, type SweepSpec, type Verdict, type WireNumber } from "@reprise/contracts";
import { proportionInterval } from "@reprise/statistics";
import { armWords } from "../cells.js";
import { aboutConfiguration, counted, decimalsFor, metricFormat } from "../words.js";
import { groupingOf, groupWords } from "./case-groups.js";
import type { ClassifiedSample } from "./classified-samples.js";

const fraction = { unit: "fraction" };
const number = (value: WireNumber | null | undefined) =>
  value === null || value === undefined ? Number.NaN : decodeNumber(value);

/** The rate that is told: sensitivity, or where no class is positive accuracy. */
function rateOf({ row }: ClassifiedSample) {
  return row.sensitivity.mean !== null ? row.sensitivity : row.accuracy;
}

function widthOf(sample: ClassifiedSample): number {
  const { min, max } = rateOf(sample);
  return number(max) - number(min) || 0;
}

function flips({ row }: ClassifiedSample): number {
  return row.flippedCases ?? 0;
}

/** Whether executions of this sample differ in anything that is counted here. */
function changed(sample: ClassifiedSample): boolean {
  return widthOf(sample) > 0 || flips(sample) > 0 || number(sample.row.accuracy.sd) > 0;
}

/** "9 of 228 test cases are not classified identically by all of these 6 runs of arm free; two of them disagree on 2.1 % of cases on average." */
function churnSentence({ row }: ClassifiedSample): string {
  if (row.flippedCases === null || row.testCases === null) return "";
  const who = `these ${row.n} runs of arm ${row.arm}`;
  if (row.flippedCases === 0) return `All ${row.testCases} test cases are classified identically by ${who}.`;
  const share = number(row.churn) * 100;
  return `${row.flippedCases} of ${row.testCases} test cases ${row.flippedCases === 1 ? "is" : "are"} not classified identically by all of ${who}; two of them disagree on ${share.toFixed(decimalsFor(share))} % of cases on average.`;
}

/** "85 malignant test cases", "120 parkinson test cases of 40 patients". */
function casesWords(
  { n, clusters }: { n: number; clusters: number | null },
  { positiveClass, grouping }: ClassifiedSample["row"],
): string {
  const of =
    grouping === null || clusters === null ? "" : ` of ${clusters} ${groupWords(grouping, clusters)}`;
  return `${n} ${positiveClass ?? "positive"} test cases${of}`;
}

function spreadVerdict(sample: ClassifiedSample, seeds: number, spec: SweepSpec): Verdict {
  const { row } = sample;
  const arms = `${row.n} ${armWords(spec, row.arm)}`;
  const isChosen = seeds > 1 && changed(sample);
  // An interval would not hold its level for a seed that was chosen by its result.
  const interval = isChosen ? undefined : row.samplingIntervals?.sensitivity;
  const chosenBy = widthOf(sample) > 0 ? "its spread is the widest" : "most cases flip there";
  const chosen =
    widthOf(sample) > 0 ? `the widest spread of ${seeds} seeds` : `the most flipped cases of ${seeds} seeds`;
  const rest = seeds < 2 ? "" : ` (${isChosen ? chosen : `no spread at any of ${seeds} seeds`})`;
  const isBinary = row.sensitivity.mean !== null;
  const rate = rateOf(sample);
  const name = isBinary
    ? `sensitivity${row.positiveClass ? ` for ${row.positiveClass}` : ""}`
    : "test accuracy";
  const words = metricFormat(fraction, number(rate.sd));
  const same = number(rate.max) === number(rate.min);
  const spread = same
    ? `${arms} have the same ${name} (${words.level(number(rate.mean))})`
    : `${name} lies between ${words.bareLevel(number(rate.min))} and ${words.level(number(rate.max))} over ${arms} (SD ${words.difference(number(rate.sd))})`;
  const sampling = interval
    ? ` The ${casesWords(interval, row)} alone leave a 95 % interval of ${metricFormat(fraction, 0.01).levels({ low: number(interval.low), high: number(interval.high) })} for ${row.n > 1 ? "the mean of these runs" : "it"}.`
    : "";
  const flipped = churnSentence(sample);
  return {
    kind: "spread",
    tone: changed(sample) ? "attention" : "neutral",
    ...aboutConfiguration(
      row.group.configurationLabel,
      `seed ${row.group.seed}${rest}: ${spread}.${sampling}${flipped ? ` ${flipped}` : ""}`,
      { joint: ", " },
    ),
    basis: [
      "Spread between executions and uncertainty from the test cases are different things; neither contains the other.",
      ...(interval
        ? [
            row.grouping === null
              ? "Wilson's interval of the mean rate of these runs, for cases drawn independently; several cases of one patient would make it too narrow."
              : `The interval of the mean rate of these runs is for other ${groupWords(row.grouping, 2)}: Wilson's at the effective number of cases (design effect ${number(interval.designEffect).toFixed(1)}; Rao and Scott 1992), with Student's t over ${counted(interval.clusters ?? 0, row.grouping)}.`,
          ]
        : []),
      ...(isChosen
        ? [
            `This seed was chosen because ${chosenBy}; the table lists every seed with the uncertainty from its test cases. An interval would be invalid for a seed chosen by its result.`,
          ]
        : []),
    ],
  };
}

/** One sentence per configuration and arm other than the deterministic one, at the seed where runs differ most. */
export function classificationVerdicts(samples: readonly ClassifiedSample[], spec: SweepSpec): Verdict[] {
  const groups = new Map<string, ClassifiedSample[]>();
  for (const sample of samples.filter(({ row, isReference }) => !isReference && row.n > 1)) {
    const key = JSON.stringify([sample.row.group.configurationKey, sample.row.arm]);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups.values()].flatMap((members) => {
    const [widest] = members.toSorted((a, b) => widthOf(b) - widthOf(a) || flips(b) - flips(a));
    return widest && widest.row.accuracy.mean !== null ? [spreadVerdict(widest, members.length, spec)] : [];
  });
}

/** What a reader has to know about the test split before believing a sensitivity. */
export function classificationNotes(samples: readonly ClassifiedSample[], spec: SweepSpec): string[] {
  const notes: string[] = [];
  const first = samples.flatMap(({ figures }) => figures).find(({ predictions }) => predictions)?.predictions;
  if (!first) {
    if (samples.length > 0) {
      notes.push("No predictions are stored: intervals, churn and flipped cases cannot be given.");
    }
    return notes;
  }
  if (first.positiveClass !== null) {
    const name = first.classes[first.positiveClass] ?? "positive";
    const positives = first.labels.filter((label) => label === first.positiveClass).length;
    const step = (100 / positives).toFixed(2);
    const { low, high } = proportionInterval(Math.round(0.9 * positives), positives);
    const grouping = groupingOf(spec, first);
    const open = `a run that finds ${Math.round(0.9 * positives)} of them has the 95 % interval ${metricFormat(fraction, 0.01).levels({ low, high })}, ${((high - low) * 100).toFixed(0)} pp wide`;
    const groups = new Set(grouping?.of.filter((_, i) => first.labels[i] === first.positiveClass)).size;
    notes.push(
      `The test split has ${positives} ${name} cases of ${first.labels.length}: one case is ${step} pp of sensitivity${grouping ? `. They come from ${counted(groups, grouping.name)}, and all intervals here count those, because cases of one ${grouping.name} are not independent.` : `, and ${open}.`}`,
    );
    if (!grouping)
      notes.push(
        "No grouping of the cases is known: intervals treat every case as independent. If cases share a patient or a slide, report the groups with the predictions.",
      );
    const { rule, value } = spec.threshold;
    notes.push(
      rule === "fixed"
        ? `A case is called ${name} if its score is at least ${value}, a threshold fixed beforehand.`
        : rule === "youdenOnValidation"
          ? `The threshold was chosen on validation data, run by run, to maximise sensitivity + specificity.`
          : `The threshold was chosen on validation data, run by run, to reach a sensitivity of ${value} there.`,
    );
  } else {
    notes.push(
      `${first.classes.length} classes, none of them positive: sensitivity is not defined; AUC and F1 are macro averages.`,
    );
  }
  const incomparable = samples.filter(
    ({ row, figures }) => row.n > 1 && row.churn === null && figures.some(({ predictions }) => predictions),
  );
  if (incomparable.length > 0) {
    notes.push(
      `In ${counted(incomparable.length, "row")} the runs predicted different cases or stored no predictions: churn is not given.`,
    );
  }
  return notes;
}
