import {
  canonicalJson,
  type Divergence,
  type LadderRung,
  type Run,
  type Suspect,
  sha256Algorithm,
  type VerificationVerdict,
  whereDiverged,
} from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";
import { contradictionsOf } from "../evidence/contradictions.js";
import { isObserved, isReported } from "../evidence/digest-source.js";
import {
  compareRungs,
  divergencePlace,
  incomparableSentences,
  type LadderPlace,
  sameDigest,
} from "./compare-rungs.js";
import type { ReplicaComparison, ReplicaSide } from "./comparison.js";
import { divergenceSentences } from "./divergence-words.js";
import { locateDivergence } from "./locate-divergence.js";
import { compareMetric, metricSentence } from "./replica-metric.js";
import { environmentSuspects } from "./suspects.js";

export type Judgement = {
  verdict: VerificationVerdict;
  firstDivergence: Divergence | null;
  /** Most likely first; empty when the runs are equal to the bit. */
  suspects: Suspect[];
  explanation: string;
};

const digestOf = (rungs: readonly LadderRung[], kind: LadderRung["kind"]) =>
  rungs.find((rung) => rung.kind === kind)?.digest;

/** A trainer may tell the digest of its final weights at the end only: it is a rung all the same. */
function wholeLadder({ run, rungs }: ReplicaSide): readonly LadderRung[] {
  if (run.digest === null || digestOf(rungs, "finalWeights") !== undefined) return rungs;
  return [...rungs, { kind: "finalWeights", position: 0, digest: run.digest, algorithm: sha256Algorithm }];
}

function differingParameters(a: Run, b: Run): string[] {
  const left = a.effectiveParams ?? a.params;
  const right = b.effectiveParams ?? b.params;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((key) => canonicalJson(left[key]) !== canonicalJson(right[key]))
    .toSorted();
}

/** What makes two runs incomparable, as a sentence; null when they are runs of the same thing. */
function whyIncomparable({ source, replica }: ReplicaComparison): string | null {
  const [a, b] = [source.run, replica.run];
  if (a.trainer !== b.trainer) return `One run was trained by ${a.trainer}, the other by ${b.trainer}.`;
  if (a.dataset !== b.dataset) return `One run used data set ${a.dataset}, the other ${b.dataset}.`;
  const parameters = differingParameters(a, b);
  const [left, right] = [digestOf(source.rungs, "configuration"), digestOf(replica.rungs, "configuration")];
  const sameConfiguration =
    left !== undefined && right !== undefined ? sameDigest(left, right) : parameters.length === 0;
  if (!sameConfiguration) {
    return parameters.length > 0
      ? `The configurations differ in ${joinWords(parameters)}.`
      : "The configurations differ, in something other than hyperparameters.";
  }
  if (a.backendUsed !== null && b.backendUsed !== null && a.backendUsed !== b.backendUsed) {
    return `One run used backend ${a.backendUsed}, the other ${b.backendUsed}.`;
  }
  return null;
}

/** What was to be expected of a run like this one. */
function expectation({ kind, source }: ReplicaComparison): string {
  if (kind === "replay") return "A replay of the recorded summation order should repeat to the bit.";
  return source.run.mode === "deterministic"
    ? "A deterministic run should repeat to the bit."
    : "Execution was left free, so a difference is not surprising; a replay shows whether the order of summation explains it.";
}

/** A replay differs by design in one value of its environment, and so in the environment's digest. */
const butForTheOrder = (kind: ReplicaComparison["kind"]) =>
  kind === "replay" ? ", except for the order of summation, which was prescribed" : "";

function suspectSentence(suspects: readonly Suspect[], kind: ReplicaComparison["kind"]): string {
  if (suspects.length === 0) return `The recorded environments are equal${butForTheOrder(kind)}.`;
  const named = suspects.slice(0, 3).map(({ key }) => key);
  const rest = suspects.length - named.length;
  const names = rest > 0 ? `${named.join(", ")} and ${counted(rest, "other")}` : joinWords(named);
  return `The environments differ in ${names}.`;
}

/** Said instead of a comparison of environments where one of the two has none. */
function unrecordedSentence({ source, replica }: ReplicaComparison): string | null {
  const without = [
    ...(source.run.environmentId === null ? ["the run"] : []),
    ...(replica.run.environmentId === null ? ["the replica"] : []),
  ];
  if (without.length === 0) return null;
  return `No environment is recorded for ${joinWords(without)}, so environments were not compared.`;
}

/**
 * The lowest numeric rung at which a run and its replica part; null where none does, or where they are incomparable. What
 * is stored of single tensors and weights there is the evidence that `judgeReplica` takes.
 */
export function firstDivergence(comparison: ReplicaComparison): LadderPlace | null {
  if (whyIncomparable(comparison) !== null) return null;
  return compareRungs(wholeLadder(comparison.source), wholeLadder(comparison.replica)).firstDivergence;
}

/** What is to be known first: where one of the runs, or both, diverged. Values that follow are no results of training. */
function divergedSentences(source: Run, replica: Run): string[] {
  const [a, b] = [source, replica].map(whereDiverged);
  if (!a && !b) return [];
  if (a && b) {
    return [
      a === b ? `Both runs diverged: ${a}.` : `Both runs diverged: in the first ${a}, in the replica ${b}.`,
    ];
  }
  return [
    a
      ? `The first run diverged (${a}), its replica did not.`
      : `The replica diverged (${b}), the first run did not.`,
  ];
}

/** Up to rounding: 0.92 − 0.9 is within 0.02. NaN is within nothing. */
const isWithin = (difference: number, margin: number) => difference <= margin * (1 + 1e-9);

/**
 * Compares a run with its replica: ladders rung by rung, then, where they part, the primary metric with the margin of
 * the analysis plan. Environment differences never decide: they are named as suspects beside a divergence.
 */
export function judgeReplica(comparison: ReplicaComparison): Judgement {
  const { kind, source, replica } = comparison;
  const suspects = environmentSuspects(source.environment, replica.environment, kind);
  const reason = whyIncomparable(comparison);
  const incomparable = (firstDivergence: Divergence | null, ...sentences: string[]): Judgement => ({
    verdict: "incomparable",
    firstDivergence,
    suspects,
    explanation: sentences.join(" "),
  });
  if (reason !== null) return incomparable(null, reason);

  const ladders = compareRungs(wholeLadder(source), wholeLadder(replica));
  const { matched, unpaired } = ladders;
  const firstDivergence =
    ladders.firstDivergence &&
    locateDivergence(ladders.firstDivergence, source.rungs, comparison.evidence ?? null);
  if (firstDivergence?.kind === "dataset") {
    const place = divergencePlace(firstDivergence);
    return incomparable(firstDivergence, `The runs part ${place}: they were trained on different data.`);
  }
  const diverged = divergedSentences(source.run, replica.run);
  const left = [
    ...(unpaired > 0
      ? [`${counted(unpaired, "further digest")} of one run only could not be compared.`]
      : []),
    ...incomparableSentences(ladders),
  ];
  const contradictions = contradictionsOf({
    // A replica that was asked for under another name of its configuration is of the same one all the same.
    runs: [source.run, { ...replica.run, configurationKey: source.run.configurationKey }],
    ...(comparison.records ? { evidence: comparison.records } : {}),
    ...(comparison.metrics ? { metrics: comparison.metrics } : {}),
  });
  const [contradiction] = contradictions;
  if (contradiction && firstDivergence === null) {
    return incomparable(
      null,
      "The record contradicts itself, so equality is not shown.",
      ...contradictions.flatMap(({ sentence, meaning }) => [sentence, meaning]),
    );
  }
  if (firstDivergence === null && ladders.reachesResult) {
    const both = [source.run, replica.run];
    const whose = isReported(both)
      ? ", which the program reported for both runs"
      : isObserved(both)
        ? ", which Reprise's code computed inside both training processes"
        : "";
    const equal = `All ${counted(matched, "digest")} that both runs recorded are equal, including that of the result${whose}.`;
    const environment =
      unrecordedSentence(comparison) ??
      (suspects.length > 0
        ? `${suspectSentence(suspects, kind)} That changed nothing.`
        : `So are the environments${butForTheOrder(kind)}.`);
    return {
      verdict: "bit-identical",
      firstDivergence: null,
      suspects: [],
      explanation: [...diverged, equal, ...left, environment].join(" "),
    };
  }

  const metric = compareMetric(comparison);
  const parting = firstDivergence
    ? divergenceSentences(firstDivergence)
    : "The trainer recorded no digest of the result, so only the metric can be compared.";
  const isUntold = metric === null || diverged.length > 0;
  if (firstDivergence === null && (isUntold || (metric.margin === null && metric.difference === 0))) {
    const untold = "It shows no difference; equality cannot be shown.";
    return incomparable(null, ...diverged, parting, ...incomparableSentences(ladders), untold);
  }
  const verdict: VerificationVerdict =
    !isUntold && metric.margin != null && isWithin(metric.difference, metric.margin)
      ? "within-tolerance"
      : "different";
  return {
    verdict,
    firstDivergence,
    suspects,
    explanation: [
      ...diverged,
      parting,
      ...left,
      metricSentence(metric, verdict),
      expectation(comparison),
      unrecordedSentence(comparison) ?? suspectSentence(suspects, kind),
    ].join(" "),
  };
}
