import type { Contradiction, SweepSpec, Verdict } from "@reprise/contracts";
import { standardDeviation } from "@reprise/statistics";
import { departureWords, hasDeparted } from "../../claims/departures.js";
import { seedWords, whyNotExecutionAlone } from "../../claims/study-claims.js";
import { isReported } from "../../evidence/digest-source.js";
import { loggedRepetitions, loggedRepetitionWords } from "../../evidence/equal-as-logged.js";

import {
  armWords,
  type Cell,
  distinctDigests,
  isContradicted,
  repetitions,
  type Sample,
  withoutDeparted,
  withoutDiverged,
} from "../cells.js";
import { divergedOf } from "../diverged.js";
import { missingRunsWords } from "../general-verdicts.js";

import type { SortedRuns } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { allOf, counted, joinWords, metricFormat, sentencesOf, soFar } from "../words.js";
import { anotherSeedWords } from "./another-seed.js";

const range = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

type Repeated = { label: string; key: string; sample: Sample };

/** Samples of other arms that can show a spread: two runs or more, all with a value. */
function repeatedSamples(cells: readonly Cell[]): Repeated[] {
  return cells.flatMap(({ group, others }) =>
    others
      .filter(({ values }) => values.length > 1 && values.every(Number.isFinite))
      .map((sample) => ({ label: group.configurationLabel, key: group.configurationKey, sample })),
  );
}

/** "Free executions of one seed end up to 2.6 pp apart in test accuracy (adam)": how far one arm moves the metric. */
function movement(
  samples: readonly Repeated[],
  spec: SweepSpec,
  metric: MetricWords,
  contradictions: readonly Contradiction[],
): string {
  const [widest] = samples.toSorted((a, b) => range(b.sample.values) - range(a.sample.values));
  if (!widest) return "";
  const arms = capital(armWords(spec, widest.sample.arm));
  const keys = [...new Set(samples.map(({ key }) => key))];
  const seed = seedWords(samples.flatMap(({ sample }) => sample.runs));
  const still = keys.filter((key) =>
    samples.every((other) => other.key !== key || range(other.sample.values) === 0),
  );
  if (still.length === keys.length) {
    const runs = samples.flatMap(({ sample }) => sample.runs);
    const said = isReported(runs) ? "reported digests" : "weights";
    const weights = samples.some(({ sample }) => isContradicted(sample, contradictions))
      ? ""
      : samples.some(({ sample }) => distinctDigests(sample.runs) > 1)
        ? `, though with different ${said}`
        : distinctDigests(runs) > 0
          ? ` and the same ${said}`
          : "";
    const where = keys.length > 1 ? ` in ${allOf(keys.length)} configurations` : "";
    return `${arms} of one ${seed} end with the same ${metric.label}${where}${weights}.`;
  }
  const words = metricFormat(metric, standardDeviation(widest.sample.values));
  const alike =
    still.length > 0
      ? `; in ${still.length === 1 ? "one" : still.length} of ${keys.length === 2 ? "two" : keys.length} configurations they do not differ at all`
      : "";
  const which = keys.length > 1 ? ` (${widest.label})` : "";
  return `${arms} of one ${seed} end up to ${words.difference(range(widest.sample.values))} apart in ${metric.label}${which}${alike}.`;
}

/** Whether the reference arm repeated bit for bit, in words; null while nothing shows it. */
function repetitionWords(identical: boolean | null, reported: boolean): string {
  if (identical === null) return "";
  if (reported)
    return `The program reports ${identical ? "equal" : "unequal"} digests of deterministic executions.`;
  return `Deterministic executions ${identical ? "repeat" : "do not repeat"} to the bit.`;
}

/** A study whose record contradicts itself is told by that, and claims no equality. */
function contradictionHeadline([first, ...others]: readonly Contradiction[], said: string): Verdict | null {
  if (!first) return null;
  const more = others.length > 0 ? ` ${counted(others.length, "further contradiction")} below.` : "";
  const rest = `${first.sentence}${more}${said === "" ? "" : ` ${said}`}`;
  return {
    kind: "contradiction",
    tone: "contradiction",
    ...sentencesOf(["The record contradicts itself.", rest]),
    basis: [first.meaning],
  };
}

function onceOnly(cells: readonly Cell[]): string {
  const configurations = new Set(cells.map(({ group }) => group.configurationKey)).size;
  const seeds = new Set(cells.map(({ group }) => group.seed)).size;
  const trained = `${counted(configurations, "configuration")} ${configurations === 1 ? "was" : "were"} trained once`;
  return seeds > 1
    ? `${trained} at each of ${seeds} seeds: this shows how far seeds scatter, but not whether an execution repeats.`
    : `${trained}: whether the result would happen again is not known.`;
}

/** What the headline says beyond the spread of repeats, in words that may be empty. */
export type Beyond = {
  /** What the family of tests shows of deterministic against other executions. */
  tests: string;
  /** What the test set alone leaves open. */
  testSet: string;
};

/**
 * The study in short: how many runs diverged; whether bits repeat; how far executions of one seed move the metric, and whether
 * deterministic runs differ from them; how far another seed moves it; what the test set alone leaves open. Says nothing that the verdicts
 * do not say with their basis.
 */
export function headlineOf(
  cells: readonly Cell[],
  spec: SweepSpec,
  metric: MetricWords,
  sorted: SortedRuns,
  contradictions: readonly Contradiction[],
  beyond: Beyond = { tests: "", testSet: "" },
): Verdict {
  const diverged = divergedOf(sorted);
  if (diverged === null) return headlineOfResults(cells, spec, metric, sorted, contradictions, beyond);
  const rest = withoutDiverged(cells);
  const others = headlineOfResults(rest, spec, metric, { ...sorted, pending: [] }, contradictions, beyond);
  const isContradiction = others.kind === "contradiction";
  const isGraver = isContradiction || Boolean(sorted.check?.refusal);
  const said =
    rest.length === 0 && !isGraver
      ? "None of them reached a result that could be compared."
      : isGraver
        ? others.sentence
        : `Among the others: ${others.sentence.charAt(0).toLowerCase()}${others.sentence.slice(1)}`;
  return {
    ...others,
    ...(isGraver ? {} : { kind: "diverged" as const, tone: "attention" as const }),
    ...sentencesOf([sorted.pending.length > 0 ? soFar(`${diverged}.`) : `${diverged}.`, said]),
  };
}

/** The same of runs that did not diverge. */
function headlineOfResults(
  cells: readonly Cell[],
  spec: SweepSpec,
  metric: MetricWords,
  sorted: SortedRuns,
  contradictions: readonly Contradiction[],
  beyond: Beyond,
): Verdict {
  if (sorted.check?.refusal) return sorted.check.refusal;
  const provisional = sorted.pending.length > 0;
  if (cells.length === 0) {
    return {
      kind: provisional ? "pending" : "inconclusive",
      tone: "neutral",
      sentence: provisional
        ? "No run has ended yet, so nothing is known."
        : `${missingRunsWords(sorted, metric) || "The study has no run"}, so there is nothing to judge.`,
      basis: [],
    };
  }
  const used = cells.flatMap(({ deterministic, others }) =>
    [deterministic, ...others].flatMap((sample) => sample?.runs ?? []),
  );
  const departed = departureWords(used);
  const isOne = used.filter(hasDeparted).length === 1;
  const held = withoutDeparted(cells);
  const heldRuns = used.filter((run) => !hasDeparted(run));
  const repeated = repetitions(held, contradictions);
  const identical = repeated.length === 0 ? null : repeated.every((cell) => cell.identical);
  const reported = isReported(repeated.flatMap(({ runs }) => runs));
  const logged = identical === null ? loggedRepetitions(held, contradictions) : null;
  const samples = repeatedSamples(held);
  const arms = [...new Set(samples.map(({ sample }) => sample.arm))];
  const moves = samples.some(({ sample }) => range(sample.values) > 0);
  const open = moves ? whyNotExecutionAlone(samples.flatMap(({ sample }) => sample.runs)) : null;
  const said = [
    departed === null
      ? ""
      : `${departed}, and ${isOne ? "is not evidence for its arm" : "are not evidence for their arms"}.`,
    departed !== null && held.length === 0 ? "No run is left to judge." : "",
    repetitionWords(identical, reported),
    logged === null ? "" : loggedRepetitionWords(logged),
    ...arms.map((arm) =>
      movement(
        samples.filter(({ sample }) => sample.arm === arm),
        spec,
        metric,
        contradictions,
      ),
    ),
    identical === null &&
    logged === null &&
    contradictions.length === 0 &&
    arms.length > 0 &&
    held.some(({ deterministic }) => deterministic)
      ? "Deterministic executions were not repeated."
      : "",
    open === null ? "" : `${capital(open)}.`,
    beyond.tests,
    ...(arms.length === 0 && identical === null
      ? []
      : [anotherSeedWords(withoutDiverged(held), spec, metric, seedWords(heldRuns)), beyond.testSet]),
  ].filter((clause) => clause !== "");
  const contradicted = contradictionHeadline(contradictions, said.join(" "));
  if (contradicted) return contradicted;
  const sentences =
    said.length > 0
      ? said
      : [
          onceOnly(cells),
          anotherSeedWords(withoutDiverged(held), spec, metric, seedWords(heldRuns)),
          beyond.testSet,
        ].filter((clause) => clause !== "");
  const { sentence, rest } = sentencesOf(sentences);
  return {
    kind:
      departed !== null
        ? "departed"
        : identical === false
          ? "not-identical"
          : arms.length > 0
            ? "spread"
            : identical
              ? reported
                ? "equal-digests"
                : "bit-identical"
              : "single-run",
    tone:
      departed !== null
        ? "contradiction"
        : identical === false || moves
          ? "attention"
          : identical && !reported
            ? "good"
            : "neutral",
    sentence: provisional ? soFar(sentence) : sentence,
    ...(rest === undefined ? {} : { rest }),
    basis:
      arms.length === 0
        ? []
        : [
            `Counted over ${counted(samples.length, "group")} of repeats that share configuration, seed and arm: ${joinWords([...new Set(samples.map(({ sample }) => String(sample.values.length)))])} runs each.`,
          ],
  };
}
