import { type ChecklistItem, externalTrainer } from "@reprise/contracts";
import { counted } from "../analyses/words.js";
import { departureWords } from "../claims/departures.js";
import { whyNotExecutionAlone } from "../claims/study-claims.js";
import { isSplitByProgram, programSplitSentence } from "../evidence/data.js";
import { partialEnvironmentSentence } from "../evidence/environments.js";
import { asKnown, contradictionsIn, epochReported, type Facts, sharedParameters } from "./input.js";

/** What a record says to an item of a checklist. */
export type Answer = Pick<ChecklistItem, "status" | "answer">;

export const reported = (answer: string): Answer => ({ status: "reported", answer });
export const missing = (answer: string): Answer => ({ status: "missing", answer });
/** Only the authors can answer it. */
export const byHand = (answer = "To be written by the authors."): Answer => ({ status: "by-hand", answer });
export const either = (known: boolean, yes: string, no: string): Answer =>
  known ? reported(yes) : missing(no);

export const dataSource = ({ input: { dataset, sweep } }: Facts) =>
  either(
    dataset !== null && dataset.citation !== "",
    `${dataset?.title}: ${dataset?.citation}`,
    `No source is recorded for ${sweep.spec.dataset.name}.`,
  );

export const license = ({ input: { dataset } }: Facts) =>
  either(
    dataset !== null && dataset.license !== "",
    `Data: ${dataset?.license}. Add the licences of code and weights.`,
    "No licence of the data is recorded.",
  );

export const cases = ({ input: { dataset } }: Facts) =>
  either(
    typeof dataset?.cases === "number",
    `${dataset?.cases} cases in all; sizes of the parts follow from the split.`,
    "The number of cases is not recorded.",
  );

export function split(facts: Facts): Answer {
  const { sweep } = facts.input;
  if (isSplitByProgram(sweep.spec))
    return byHand(`${programSplitSentence(sweep.spec)} Say how it was drawn, and whether all runs share it.`);
  const { train, validation, test, seed } = sweep.spec.dataset.split;
  const words = `Shares ${train} / ${validation} / ${test}, drawn with seed ${seed}, equal in all runs${sweep.spec.noise.split === "varied" ? " of one repeat" : ""}`;
  return reported(`${asKnown(facts, "split", words)}.`);
}

export function disjoint({ input: { sweep } }: Facts): Answer {
  const { groupBy } = sweep.spec.dataset.split;
  if (isSplitByProgram(sweep.spec))
    return byHand(
      `${programSplitSentence(sweep.spec)} Say at which level (patient, slide, site) parts are disjoint.`,
    );
  return either(
    groupBy !== null,
    `All cases of one ${groupBy} go to the same part.`,
    "Parts are disjoint by case; no group (patient, slide, site) was declared. Say why cases are independent.",
  );
}

export function environment({ environmentCount, environmentIds, input }: Facts): Answer {
  const { environments, unrecorded, treatment, runs } = environmentCount;
  if (environments.length === 0) return missing("No environment is recorded.");
  if (unrecorded > 0) return missing(`No environment is recorded for ${unrecorded} of ${runs} runs.`);
  const known = input.environments.filter(({ id }) => environmentIds.includes(id));
  if (known.length < environmentIds.length) return missing("Not every run has an environment fingerprint.");
  const arms = treatment.length > 0 ? ", which differ only in what the arms set" : "";
  const partial = partialEnvironmentSentence(known);
  return reported(
    `${counted(environments.length, "environment")} in this report (${counted(known.length, "fingerprint")}${arms}). ${
      partial ?? "Hardware, libraries and code are in it."
    }`,
  );
}

export const hyperparameters = (facts: Facts) =>
  either(
    facts.succeeded.every(({ effectiveParams }) => effectiveParams !== null) && facts.succeeded.length > 0,
    `${counted(sharedParameters(facts).length, "shared hyperparameter")} and what varies are listed; ${asKnown(facts, "parameters", "the values that were used")}.`,
    "Effective hyperparameters are not recorded for every run.",
  );

export const uncertainty = ({ fewestRepeats, seeds }: Facts) =>
  either(
    (fewestRepeats ?? 0) >= 2 || seeds.length >= 2,
    `SD and intervals over ${counted(seeds.length, "seed")}${fewestRepeats === null ? "" : ` and at least ${counted(fewestRepeats, "repeat")} per group`}, with their method.`,
    "One run per configuration: no uncertainty can be stated.",
  );

export const tests = ({ input: { analyses, sweep } }: Facts) =>
  either(
    analyses.some(({ analysis }) => analysis === "significance"),
    `Tests, assumptions and correction are named; ${sweep.spec.analysisPlan ? "planned beforehand" : "not planned beforehand, and marked so"}.`,
    "No test was made.",
  );

export const compute = ({ succeeded }: Facts) =>
  either(
    succeeded.some(({ durationMs }) => durationMs !== null),
    `Training time${succeeded.some(({ energy }) => energy !== null) ? ", energy" : ""} and devices of every run are recorded.`,
    "No training time is recorded.",
  );

export const selection = (facts: Facts) =>
  reported(
    `Figures are those of ${epochReported(facts)}; ${facts.metric?.chosenOn ? "they do not estimate performance on new cases" : "test metrics are not accepted as an objective"}.`,
  );

export const metrics = ({ metric, input: { sweep } }: Facts) =>
  either(
    metric !== null,
    `${metric?.label}; ${sweep.spec.analysisPlan ? "primary by the analysis plan" : "not fixed beforehand"}.`,
    "No metric was measured.",
  );

export const code = ({ input: { environments } }: Facts) =>
  either(
    environments.some(({ values }) =>
      Object.entries(values).some(([key, value]) => /^code\.|git|commit/i.test(key) && value !== null),
    ),
    "The version of the code is in the environment fingerprint; add where it can be obtained.",
    "The fingerprint names no version of the code.",
  );

export const classes = ({ input: { dataset } }: Facts) =>
  either(
    (dataset?.classes ?? []).length > 0,
    `Classes: ${(dataset?.classes ?? []).join(", ")}${typeof dataset?.positiveClass === "number" ? `; positive: ${dataset.classes[dataset.positiveClass] ?? ""}` : ""}.`,
    "The classes are not recorded.",
  );

export function seedsAnswer(facts: Facts): Answer {
  const { seeds, succeeded, input } = facts;
  const { sweep, evidence } = input;
  const digested = succeeded.filter(({ id }) => evidence.get(id)?.rungs.initialWeights).length;
  const digests =
    digested === 0
      ? "no digest of initial weights is recorded"
      : `digests of initial weights are in the ladders${digested < succeeded.length ? ` of ${digested} of ${succeeded.length} runs` : ""}`;
  return reported(
    `${asKnown(facts, "seed", `Drawn from seeds ${seeds.join(", ")}`)}${sweep.spec.base.pretrained ? `, starting from ${String(sweep.spec.base.pretrained)}` : ""}; ${digests}.`,
  );
}

export function repeating(facts: Facts): Answer {
  const { sweep } = facts.input;
  const against = contradictionsIn(facts).length;
  if (against > 0)
    return missing(
      `The record contradicts itself in ${counted(against, "place")}, see Limits: it cannot be repeated as it stands.`,
    );
  return sweep.spec.trainer === externalTrainer
    ? byHand("Runs were trained elsewhere: the specification names them; add the program that trained them.")
    : reported(
        "The specification repeats the study; each run can be verified against its ladder of digests.",
      );
}

export function robustness({ arms, succeeded }: Facts): Answer {
  const open = departureWords(succeeded) ?? whyNotExecutionAlone(succeeded);
  const names = arms.map(({ name }) => name).join(", ");
  return either(
    arms.length > 1,
    open === null
      ? `Repeats under ${names} show how far execution alone moves results.`
      : `Repeats under ${names} show how far results move, but not what moves them: ${open}.`,
    "Only one execution arm was run.",
  );
}

/** What a study has of an analysis: whether its report shows rows of it. */
export const has = ({ input: { analyses } }: Facts, name: Facts["input"]["analyses"][number]["analysis"]) =>
  analyses.some(({ analysis, table }) => analysis === name && table.rows.length > 0);

export const calibrated = (facts: Facts) =>
  either(
    has(facts, "calibration"),
    "Brier score, calibration intercept and slope with their SD over runs, and calibration curves with the range between runs.",
    "No calibration can be given: it needs stored probabilities for two classes, one of them positive.",
  );

export const usefulness = (facts: Facts) =>
  either(
    has(facts, "decisionCurve"),
    `Decision curves with the range between runs${facts.input.sweep.spec.analysisPlan?.prevalence === undefined ? "; no prevalence is stated, so there are no predictive values" : `, predictive values at the stated prevalence of ${facts.input.sweep.spec.analysisPlan.prevalence}`}.`,
    "No decision curve can be given: it needs stored probabilities for two classes, one of them positive.",
  );

export const fairness = (facts: Facts) =>
  either(
    has(facts, "subgroups"),
    "Rates by every declared column of the cases, with intervals and the SD over runs against that of all cases. Say which subgroups matter, and why.",
    "No column of the cases is declared as subgroups (sex, age, site, scanner).",
  );

export const dependence = (facts: Facts) => {
  const rows = facts.input.analyses.flatMap((one) => (one.analysis === "classification" ? one.rows : []));
  const row = rows.find(({ grouping }) => grouping !== null);
  return either(
    row !== undefined,
    `Intervals and tests count ${row?.grouping}s (${row?.samplingIntervals?.accuracy.clusters ?? "their number varies"}), not cases: Rao and Scott 1992, Obuchowski 1997 and 1998.`,
    "No grouping of the cases (patient, slide) is known: all intervals treat every case as independent.",
  );
};

export const stability = (facts: Facts) =>
  either(
    has(facts, "instability"),
    "Instability of every case over runs, and the part of the spread of accuracy that the finite test set alone causes.",
    "Fewer than two runs have stored predictions to compare.",
  );

export const thresholds = ({ input: { sweep } }: Facts) => {
  const { rule, value } = sweep.spec.threshold;
  const words = {
    fixed: `A score of ${value}, fixed beforehand.`,
    youdenOnValidation: "Chosen on validation data, run by run, by Youden's index.",
    sensitivityOnValidation: `Chosen on validation data, run by run, for a sensitivity of ${value}.`,
  };
  return reported(words[rule]);
};
