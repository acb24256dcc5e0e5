import { counted } from "../analyses/words.js";
import { departureWords, howDeparted, isOneDeparted } from "../claims/departures.js";
import { isSplitByProgram } from "../evidence/data.js";
import { recordNotes } from "../evidence/record-notes.js";
import { contradictionsIn, type Facts, reasonsListed } from "./input.js";

/** What this study cannot say, read from its design and from what ran. */
export function limitsOf(facts: Facts): string[] {
  const { input, seeds, arms, fewestRepeats, environmentCount, failed, excluded, pending, succeeded } = facts;
  const { spec } = input.sweep;
  const limits: string[] = [];
  if (succeeded.length === 0) return ["No run has succeeded: nothing is known yet."];
  if (pending.length > 0)
    limits.push(`${counted(pending.length, "run has", "runs have")} not ended; every figure may change.`);
  if (failed.length > 0)
    limits.push(
      `${counted(failed.length, "run has", "runs have")} no result; if failure depended on the outcome, the remaining runs are a biased sample.`,
    );
  if (excluded.length > 0)
    limits.push(
      `${counted(excluded.length, "run")} left out by hand; ${excluded.length > reasonsListed ? `the first ${reasonsListed} reasons` : "the reasons"} are in the appendix of the full report, under “What was run”.`,
    );
  if (!spec.analysisPlan)
    limits.push("No analysis plan was fixed beforehand: all comparisons are exploratory.");
  if (seeds.length < 2)
    limits.push("One seed: nothing can be said about other initialisations or data orders.");
  else if (seeds.length < 10)
    limits.push(`${counted(seeds.length, "seed")}: inference to new seeds would find only large shifts.`);
  if (arms.length < 2) limits.push("One execution arm: deterministic and free execution are not compared.");
  if (fewestRepeats !== null && fewestRepeats < 8)
    limits.push(
      `As few as ${counted(fewestRepeats, "repeat")} per group: look at the points; means, SDs and intervals rest on very few values.`,
    );
  const departed = departureWords(succeeded);
  if (departed !== null)
    limits.push(
      `${departed}, as was ${howDeparted(succeeded)} during training: ${isOneDeparted(succeeded) ? "it is not evidence for its arm, and no figure, test or comparison of the arms uses it" : "they are not evidence for their arms, and no figure, test or comparison of the arms uses them"}.`,
    );
  limits.push(
    ...contradictionsIn(facts).map(({ sentence, meaning }) => `Contradiction: ${sentence} ${meaning}`),
  );
  if (environmentCount.environments.length === 1)
    limits.push(
      "One recorded environment: repeatability here does not carry over to other hardware, drivers or library versions.",
    );
  limits.push(
    ...recordNotes({
      spec,
      runs: succeeded,
      evidence: input.evidence,
      environments: new Map(input.environments.map(({ id, values }) => [id, values])),
    }),
  );
  limits.push(
    `One data set (${spec.dataset.name})${isSplitByProgram(spec) ? "" : " with one split, unless the split was varied"}: intervals over runs do not cover new cases or sites.`,
  );
  if (input.analyses.some(({ analysis }) => analysis === "classification") && !spec.dataset.split.groupBy)
    limits.push(
      "Cases are treated as independent: no group (patient, slide) was declared, and intervals are too narrow if there is one.",
    );
  return [...new Set([...limits, ...input.analyses.flatMap(({ notes }) => notes)])];
}
