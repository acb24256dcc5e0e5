import type { StudyReport } from "@reprise/contracts";
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
  const arms = treatment.length > 0 ? ", apart from what each arm sets" : "";
  const environment =
    environments.length === 0
      ? "The environment of the runs was not recorded."
      : unrecorded > 0
        ? `${succeeded.length - unrecorded} of ${counted(succeeded.length, "run")} were executed in ${number}${arms}; the environment of the others was not recorded.`
        : `The runs were executed in ${number}${arms}.`;
  const digests = succeeded.filter(({ digest }) => digest !== null).length;
  const which = digests === succeeded.length ? "For each run" : `For ${counted(digests, "run")}`;
  const digest =
    digests === 0 ? "No digest of final weights was recorded." : `${which}, ${digestWords(succeeded)}.`;
  return `${environment} ${digest}`;
}

function digestWords(runs: Facts["succeeded"]): string {
  if (isReported(runs)) return "the program reported a digest of the final weights";
  return isObserved(runs)
    ? "Reprise's code computed a digest of the final weights, in the training process or from its last checkpoint"
    : "the digest of the final weights was recorded";
}

const sentences = (...parts: readonly string[]) => parts.filter(Boolean).join(" ");

/** What was trained, with how many runs, and which of them no claim rests on. */
function trainingText({ input, succeeded, configurations, seeds, arms }: Facts): string {
  const { spec } = input.sweep;
  const summed = whyNotExecutionAlone(succeeded) === null ? "gradients summed" : "asked to sum gradients";
  const armWords = arms.map(
    ({ name, execution, repeats }) =>
      `${name} (${summed} in ${execution.order === "free" ? "order of arrival" : `${execution.order} order`}, ${counted(repeats, "repeat")})`,
  );
  const model =
    spec.base.model === undefined ? `the ${spec.trainer} trainer's model` : String(spec.base.model);
  const departed = departureWords(succeeded);
  const diverged = divergedWords(succeeded);
  return sentences(
    `We trained ${counted(configurations.length, "configuration")} of ${model} on ${spec.dataset.name}, ${isSplitByProgram(spec) ? "divided by the program," : `divided into ${shareWords(spec)},`} with ${counted(seeds.length, "seed")} (${seeds.join(", ")}) in ${counted(arms.length, "execution arm")}: ${armWords.join("; ")}.`,
    isSplitByProgram(spec) ? programSplitSentence(spec) : "",
    `${succeeded.length} of ${counted(input.runs.length, "run")} succeeded.`,
    diverged === null ? "" : `${diverged}; their values enter no test and no claim of equality.`,
    departed === null
      ? ""
      : `${departed}: settings ${howDeparted(succeeded)} during training differed from the request.`,
  );
}

/** Where the runs were executed, and how their settings are known. */
function executionText(facts: Facts): string {
  const open = whyNotExecutionAlone(facts.succeeded);
  return sentences(
    recordSentences(facts),
    facts.succeeded.length === 0
      ? ""
      : open === null
        ? "Reprise's own trainer set summation, algorithms, seeds and split, and computed with them (observed)."
        : `Arms, seeds, noise sources and split are those of the specification; hyperparameters are those that the training program names. Spread between repeats: ${open}.`,
  );
}

/** What is reported, and what of it was fixed beforehand. */
function outcomeText(facts: Facts): string {
  const { metric, input } = facts;
  const { spec, analysisPlanDigest } = input.sweep;
  const epoch = epochReported(facts);
  return sentences(
    metric
      ? `We report ${metric.label}${metric.chosenOn === null ? ` at ${epoch}` : ""}${spec.threshold.rule === "fixed" ? ` with a decision threshold fixed at ${spec.threshold.value}` : ` with a threshold chosen on validation data (${spec.threshold.rule})`}; ${metric.chosenOn === null ? "the software made no choice on test data" : `each value is of ${epoch} and does not estimate performance on new cases`}.`
      : "",
    spec.analysisPlan
      ? `Primary metric, contrasts and margins were fixed before the first result (plan digest ${(analysisPlanDigest ?? "").slice(0, 12)}).`
      : "No analysis plan was fixed beforehand; all comparisons are exploratory.",
  );
}

/**
 * Methods to take into a paper, a paragraph a subject: what was run, where, and what is reported, in complete sentences, from the record
 * alone. The tests are listed by themselves.
 */
export function methodsOf(facts: Facts): StudyReport["methods"] {
  const { software, sweep } = facts.input;
  return [
    { heading: "Training", text: trainingText(facts) },
    { heading: "Execution", text: executionText(facts) },
    { heading: "Outcome", text: outcomeText(facts) },
    {
      heading: "Analysis",
      text: `Standard deviations have n − 1 in the denominator. Runs were orchestrated and analysed with ${software} (specification ${sweep.specDigest.slice(0, 12)}).`,
    },
  ];
}
