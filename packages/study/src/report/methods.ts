import { divergedWords } from "../analyses/diverged.js";
import { counted } from "../analyses/words.js";
import { departureWords, howDeparted } from "../claims/departures.js";
import { whyNotExecutionAlone } from "../claims/study-claims.js";
import { isSplitByProgram, programSplitSentence, shareWords } from "../evidence/data.js";
import { isObserved, isReported } from "../evidence/digest-source.js";
import { epochReported, type Facts } from "./input.js";

/** Where runs were executed, and with which digests, as sentences. */
function recordSentences({ succeeded, environmentCount }: Facts): string {
  const { environments, unrecorded, treatment } = environmentCount;
  const number =
    environments.length === 1 ? "one recorded environment" : `${environments.length} recorded environments`;
  const arms = treatment.length > 0 ? ", but for what each arm sets" : "";
  const environment =
    environments.length === 0
      ? "Their environment was not recorded."
      : unrecorded > 0
        ? `${succeeded.length - unrecorded} of them were executed in ${number}${arms}; of the others none was recorded.`
        : `They were executed in ${number}${arms}.`;
  const digests = succeeded.filter(({ digest }) => digest !== null).length;
  const which = digests === succeeded.length ? "Of each" : `Of ${digests}`;
  const digest =
    digests === 0 ? "No digest of final weights was recorded." : `${which} ${digestWords(succeeded)}.`;
  return `${environment} ${digest}`;
}

function digestWords(runs: Facts["succeeded"]): string {
  if (isReported(runs)) return "the program reported a digest of the final weights";
  return isObserved(runs)
    ? "Reprise's code computed a digest of the final weights, in the training process or from its last checkpoint"
    : "the digest of the final weights was recorded";
}

/** A methods paragraph to take into a paper: what was run and tested, in complete sentences, from the record alone. */
export function methodsParagraph(facts: Facts): string {
  const { input, succeeded, configurations, seeds, arms, metric } = facts;
  const { spec, specDigest, analysisPlanDigest } = input.sweep;
  const open = whyNotExecutionAlone(succeeded);
  const summed = open === null ? "gradients summed" : "asked to sum gradients";
  const armWords = arms.map(
    ({ name, execution, repeats }) =>
      `${name} (${summed} in ${execution.order === "free" ? "order of arrival" : `${execution.order} order`}, ${counted(repeats, "repeat")})`,
  );
  const tests = input.analyses.map(({ provenance }) => `${provenance.method} ${provenance.correction}`);
  const departed = departureWords(succeeded);
  const diverged = divergedWords(succeeded);
  const heldWords =
    open === null
      ? "Reprise's own trainer set summation, algorithms, seeds and split, and computed with them (observed)."
      : `Arms, seeds, noise sources and split are those of the specification, hyperparameters those that the training program names. Of spread between repeats: ${open}.`;
  return [
    `We trained ${counted(configurations.length, "configuration")} of ${spec.base.model === undefined ? `the ${spec.trainer} trainer's model` : String(spec.base.model)} on ${spec.dataset.name}, ${isSplitByProgram(spec) ? "divided by the program," : `divided into ${shareWords(spec)},`} with ${counted(seeds.length, "seed")} (${seeds.join(", ")}) in ${counted(arms.length, "execution arm")}: ${armWords.join("; ")}.`,
    isSplitByProgram(spec) ? programSplitSentence(spec) : "",
    `${counted(succeeded.length, "run")} of ${input.runs.length} succeeded. ${recordSentences(facts)}`,
    diverged === null ? "" : `${diverged}; no test takes their values, and no equality is claimed over them.`,
    succeeded.length > 0 ? heldWords : "",
    departed === null
      ? ""
      : `${departed}: settings ${howDeparted(succeeded)} during training were others than requested.`,
    metric
      ? `We report ${metric.label}${metric.chosenOn === null ? ` at ${epochReported(facts)}` : ""}${spec.threshold.rule === "fixed" ? ` with a decision threshold fixed at ${spec.threshold.value}` : ` with a threshold chosen on validation data (${spec.threshold.rule})`}; ${metric.chosenOn === null ? "no choice was made on test data by the software" : `each value is of ${epochReported(facts)} and no estimate for new cases`}.`
      : "",
    spec.analysisPlan
      ? `Primary metric, contrasts and margins were fixed before the first result (plan digest ${(analysisPlanDigest ?? "").slice(0, 12)}).`
      : "No analysis plan was fixed beforehand; all comparisons are exploratory.",
    ...tests,
    `Standard deviations have n − 1 in the denominator. Runs were orchestrated and analysed with ${input.software} (specification ${specDigest.slice(0, 12)}).`,
  ]
    .filter(Boolean)
    .join(" ");
}
