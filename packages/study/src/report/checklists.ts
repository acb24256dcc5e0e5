import { type Checklist, type ChecklistItem, externalTrainer } from "@reprise/contracts";
import { counted } from "../analyses/words.js";
import { departureWords } from "../claims/departures.js";
import { whyNotExecutionAlone } from "../claims/study-claims.js";
import { isSplitByProgram, programSplitSentence } from "../evidence/data.js";
import { partialEnvironmentSentence } from "../evidence/environments.js";
import { asKnown, contradictionsIn, epochReported, type Facts, sharedParameters } from "./input.js";

type Answer = Pick<ChecklistItem, "status" | "answer">;
type Item = [number: string, asks: string, answer: (facts: Facts) => Answer];

const reported = (answer: string): Answer => ({ status: "reported", answer });
const missing = (answer: string): Answer => ({ status: "missing", answer });
/** Only the authors can answer it. */
const byHand = (answer = "To be written by the authors."): Answer => ({ status: "by-hand", answer });
const either = (known: boolean, yes: string, no: string): Answer => (known ? reported(yes) : missing(no));

const dataSource = ({ input: { dataset, sweep } }: Facts) =>
  either(
    dataset !== null && dataset.citation !== "",
    `${dataset?.title}: ${dataset?.citation}`,
    `No source is recorded for ${sweep.spec.dataset.name}.`,
  );

const license = ({ input: { dataset } }: Facts) =>
  either(
    dataset !== null && dataset.license !== "",
    `Data: ${dataset?.license}. Add the licences of code and weights.`,
    "No licence of the data is recorded.",
  );

const cases = ({ input: { dataset } }: Facts) =>
  either(
    typeof dataset?.cases === "number",
    `${dataset?.cases} cases in all; sizes of the parts follow from the split.`,
    "The number of cases is not recorded.",
  );

function split(facts: Facts): Answer {
  const { sweep } = facts.input;
  if (isSplitByProgram(sweep.spec))
    return byHand(`${programSplitSentence(sweep.spec)} Say how it was drawn, and whether all runs share it.`);
  const { train, validation, test, seed } = sweep.spec.dataset.split;
  const words = `Shares ${train} / ${validation} / ${test}, drawn with seed ${seed}, equal in all runs${sweep.spec.noise.split === "varied" ? " of one repeat" : ""}`;
  return reported(`${asKnown(facts, "split", words)}.`);
}

function disjoint({ input: { sweep } }: Facts): Answer {
  const { groupBy } = sweep.spec.dataset.split;
  if (isSplitByProgram(sweep.spec))
    return byHand(
      `${programSplitSentence(sweep.spec)} Say at which level (patient, slide, site) parts are disjoint.`,
    );
  return either(
    groupBy !== null,
    `Whole groups by ${groupBy} go to one part.`,
    "Parts are disjoint by case; no group (patient, slide, site) was declared. Say why cases are independent.",
  );
}

function environment({ environmentCount, environmentIds, input }: Facts): Answer {
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

const hyperparameters = (facts: Facts) =>
  either(
    facts.succeeded.every(({ effectiveParams }) => effectiveParams !== null) && facts.succeeded.length > 0,
    `${counted(sharedParameters(facts).length, "shared hyperparameter")} and what varies are listed; ${asKnown(facts, "parameters", "the values that were used")}.`,
    "Effective hyperparameters are not recorded for every run.",
  );

const uncertainty = ({ fewestRepeats, seeds }: Facts) =>
  either(
    (fewestRepeats ?? 0) >= 2 || seeds.length >= 2,
    `SD and intervals over ${counted(seeds.length, "seed")}${fewestRepeats === null ? "" : ` and at least ${counted(fewestRepeats, "repeat")} per group`}, with their method.`,
    "One run per configuration: no uncertainty can be stated.",
  );

const tests = ({ input: { analyses, sweep } }: Facts) =>
  either(
    analyses.some(({ analysis }) => analysis === "significance"),
    `Tests, assumptions and correction are named; ${sweep.spec.analysisPlan ? "planned beforehand" : "not planned beforehand, and marked so"}.`,
    "No test was made.",
  );

const compute = ({ succeeded }: Facts) =>
  either(
    succeeded.some(({ durationMs }) => durationMs !== null),
    `Training time${succeeded.some(({ energy }) => energy !== null) ? ", energy" : ""} and devices of every run are recorded.`,
    "No training time is recorded.",
  );

const selection = (facts: Facts) =>
  reported(
    `Figures are those of ${epochReported(facts)}; ${facts.metric?.chosenOn ? "they do not estimate performance on new cases" : "test metrics are refused as objective"}.`,
  );

const metrics = ({ metric, input: { sweep } }: Facts) =>
  either(
    metric !== null,
    `${metric?.label}; ${sweep.spec.analysisPlan ? "primary by the analysis plan" : "not fixed beforehand"}.`,
    "No metric was measured.",
  );

const code = ({ input: { environments } }: Facts) =>
  either(
    environments.some(({ values }) =>
      Object.entries(values).some(([key, value]) => /^code\.|git|commit/i.test(key) && value !== null),
    ),
    "The version of the code is in the environment fingerprint; add where it can be obtained.",
    "The fingerprint names no version of the code.",
  );

const classes = ({ input: { dataset } }: Facts) =>
  either(
    (dataset?.classes ?? []).length > 0,
    `Classes: ${(dataset?.classes ?? []).join(", ")}${typeof dataset?.positiveClass === "number" ? `; positive: ${dataset.classes[dataset.positiveClass] ?? ""}` : ""}.`,
    "The classes are not recorded.",
  );

function seedsAnswer(facts: Facts): Answer {
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

function repeating(facts: Facts): Answer {
  const { sweep } = facts.input;
  const against = contradictionsIn(facts).length;
  if (against > 0)
    return missing(
      `The record contradicts itself in ${counted(against, "place")}, see Limits: it cannot be repeated as it stands.`,
    );
  return sweep.spec.trainer === externalTrainer
    ? byHand(
        "Runs were trained elsewhere: the specification names them, and the program that trained them is to be added.",
      )
    : reported(
        "The specification repeats the study; each run can be verified against its ladder of digests.",
      );
}

function robustness({ arms, succeeded }: Facts): Answer {
  const open = departureWords(succeeded) ?? whyNotExecutionAlone(succeeded);
  const names = arms.map(({ name }) => name).join(", ");
  return either(
    arms.length > 1,
    open === null
      ? `Repeats under ${names} show how far results move by execution alone.`
      : `Repeats under ${names} show how far results move, but not what moves them: ${open}.`,
    "Only one execution arm was run.",
  );
}

/** What a study has of an analysis: whether its report shows rows of it. */
const has = ({ input: { analyses } }: Facts, name: Facts["input"]["analyses"][number]["analysis"]) =>
  analyses.some(({ analysis, table }) => analysis === name && table.rows.length > 0);

const calibrated = (facts: Facts) =>
  either(
    has(facts, "calibration"),
    "Brier score, calibration intercept and slope with their SD over runs, and calibration curves with the range between runs.",
    "No calibration can be given: it needs stored probabilities for two classes, one of them positive.",
  );

const usefulness = (facts: Facts) =>
  either(
    has(facts, "decisionCurve"),
    `Decision curves with the range between runs${facts.input.sweep.spec.analysisPlan?.prevalence === undefined ? "; no prevalence is stated, so there are no predictive values" : `, predictive values at the stated prevalence of ${facts.input.sweep.spec.analysisPlan.prevalence}`}.`,
    "No decision curve can be given: it needs stored probabilities for two classes, one of them positive.",
  );

const fairness = (facts: Facts) =>
  either(
    has(facts, "subgroups"),
    "Rates by every declared column of the cases, with intervals and the SD over runs against that of all cases. Say which subgroups matter, and why.",
    "No column of the cases is declared as subgroups (sex, age, site, scanner).",
  );

const dependence = (facts: Facts) => {
  const rows = facts.input.analyses.flatMap((one) => (one.analysis === "classification" ? one.rows : []));
  const row = rows.find(({ grouping }) => grouping !== null);
  return either(
    row !== undefined,
    `Intervals and tests count ${row?.grouping}s (${row?.samplingIntervals?.accuracy.clusters ?? "their number varies"}), not cases: Rao and Scott 1992, Obuchowski 1997 and 1998.`,
    "No grouping of the cases (patient, slide) is known: all intervals treat every case as independent.",
  );
};

const stability = (facts: Facts) =>
  either(
    has(facts, "instability"),
    "Instability of every case over runs, and the part of the spread of accuracy that the finite test set alone causes.",
    "Fewer than two runs have stored predictions to compare.",
  );

const thresholds = ({ input: { sweep } }: Facts) => {
  const { rule, value } = sweep.spec.threshold;
  const words = {
    fixed: `A score of ${value}, fixed beforehand.`,
    youdenOnValidation: "Chosen on validation data, run by run, by Youden's index.",
    sensitivityOnValidation: `Chosen on validation data, run by run, for a sensitivity of ${value}.`,
  };
  return reported(words[rule]);
};

const neurips: Item[] = [
  [
    "1",
    "Do the claims match the evidence?",
    () => byHand("Compare each claim with the verdicts above; they say no more than was tested."),
  ],
  ["2", "Are limitations discussed?", () => reported("See Limits; add those of the question itself.")],
  ["4", "Is there enough to reproduce the results?", environment],
  ["5", "Are data and code open?", code],
  ["6", "Are all training and test details given?", hyperparameters],
  ["7", "Are uncertainties and tests given and explained?", uncertainty],
  ["8", "Are compute resources given?", compute],
  ["12", "Are assets credited, with licences?", license],
];

const reforms: Item[] = [
  ["1a", "Population that the claim is about", () => byHand()],
  ["2a", "Data that were used", dataSource],
  ["2b", "Code that was used", code],
  ["2c", "Computing environment", environment],
  ["2e", "A way to reproduce all results", repeating],
  ["3a", "Source of the data", dataSource],
  ["3d", "Definition of the outcome", classes],
  ["3e", "Number of samples", cases],
  [
    "4a",
    "Data left out",
    ({ excluded }) =>
      reported(
        excluded.length > 0
          ? `${counted(excluded.length, "run")} left out, with reasons; cases are not filtered by the software.`
          : "No run was left out; cases are not filtered by the software.",
      ),
  ],
  ["5a", "Models", hyperparameters],
  ["5c", "How models were evaluated", split],
  ["5d", "How models were selected", selection],
  [
    "5e",
    "How hyperparameters were chosen",
    ({ input: { sweep } }) =>
      reported(`${sweep.spec.search.method} search as specified; all configurations are reported.`),
  ],
  [
    "5f",
    "Baselines",
    ({ configurations }) =>
      configurations.length > 1
        ? byHand("Say which configuration is the baseline, and why.")
        : missing("One configuration: there is no baseline."),
  ],
  ["6a", "Training and test data kept apart", split],
  ["6b", "Dependence between training and test cases", disjoint],
  ["6c", "Legitimate features", () => byHand()],
  ["7a", "Metrics, and why these", metrics],
  ["7b", "Uncertainty", uncertainty],
  ["7c", "Tests", tests],
  ["8a", "External validity", () => missing("One data set: no evidence of external validity.")],
  ["8b", "Where the findings will not hold", () => byHand("Start from Limits.")],
];

const claim: Item[] = [
  ["7", "Source of the images", dataSource],
  [
    "9",
    "Preprocessing",
    () => byHand("Augmentation is among the hyperparameters; preparation of the images is to be added."),
  ],
  ["14", "Reference standard", () => byHand()],
  ["19", "Sample size", cases],
  ["20", "Assignment to partitions", split],
  ["21", "Level at which partitions are disjoint", disjoint],
  ["22", "Model", hyperparameters],
  ["23", "Software", environment],
  ["24", "Initialisation", seedsAnswer],
  ["25", "Training", hyperparameters],
  ["26", "Selection of the final model", selection],
  ["28", "Performance metrics", metrics],
  ["29", "Uncertainty and significance", uncertainty],
  ["30", "Robustness", robustness],
  ["32", "External test data", () => missing("No external data set was evaluated.")],
  [
    "36",
    "Diagnostic accuracy with its precision",
    ({ input: { analyses } }) =>
      either(
        analyses.some(({ analysis }) => analysis === "classification"),
        "Sensitivity and specificity with intervals over cases and SD over runs.",
        "No predictions were recorded.",
      ),
  ],
  ["36a", "Dependence of cases in the intervals", dependence],
  ["36b", "Calibration", calibrated],
  ["36c", "Results by subgroup", fairness],
  [
    "37",
    "Analysis of failures",
    (facts) =>
      has(facts, "instability")
        ? reported("Cases that flip between runs, with how far scores move. Say what they have in common.")
        : byHand("Start from the cases that flip between runs."),
  ],
  ["38", "Limitations", () => reported("See Limits.")],
];

/** Topics of TRIPOD+AI that a record of runs can answer, by what they ask; the words are ours. */
const tripod: Item[] = [
  ["data", "Where the data come from", dataSource],
  ["sample size", "Number of cases", cases],
  ["partition", "How data were divided", split],
  ["clusters", "Cases that share a patient or a centre", dependence],
  ["model", "Predictors, model and its training", hyperparameters],
  ["output", "Output of the model: score, and the threshold of a class", thresholds],
  ["calibration", "Agreement of scores with outcomes", calibrated],
  ["usefulness", "Value of deciding by the model", usefulness],
  ["fairness", "Performance by subgroup", fairness],
  ["heterogeneity", "How far results move with the run", stability],
  ["performance", "Estimates with intervals", uncertainty],
  ["code", "Code", code],
  ["limitations", "Limitations", () => reported("See Limits.")],
];

/** Topics of STARD-AI that a record of runs can answer, by what they ask; the words are ours. */
const stard: Item[] = [
  ["index test", "The model, so that it can be repeated", hyperparameters],
  ["positivity", "Cut-off of the index test, and whether it was fixed beforehand", thresholds],
  ["participants", "Cases, and who they came from", dependence],
  ["analysis", "Methods for accuracy and its comparison", tests],
  ["variability", "Variability of accuracy between subgroups", fairness],
  ["estimates", "Accuracy with its precision", uncertainty],
  ["robustness", "How far results move with the run", stability],
  ["use", "Predictive values and usefulness where it would be used", usefulness],
];

/** Whether the study is about a class that is found or missed. */
const isDiagnostic = ({ input: { dataset, analyses } }: Facts) =>
  typeof dataset?.positiveClass === "number" ||
  analyses.some(
    (one) =>
      one.analysis === "classification" && one.rows.some(({ positiveClass }) => positiveClass !== null),
  );

/** Checklists filled from the record, with what is missing marked; wording is ours, numbers are those of the checklists. */
export function checklistsOf(facts: Facts): Checklist[] {
  const fill = (name: string, source: string, items: readonly Item[]): Checklist => ({
    name,
    source,
    items: items.map(([number, asks, answer]) => ({ number, asks, ...answer(facts) })),
  });
  return [
    fill("NeurIPS paper checklist", "Items that a record of runs can answer, by their number", neurips),
    fill("REFORMS", "Kapoor et al. 2024; items that apply to a study of trainings, by their number", reforms),
    ...(facts.isImaging
      ? [fill("CLAIM", "Mongan et al. 2020; items that apply, by their number (letters are ours)", claim)]
      : []),
    ...(isDiagnostic(facts)
      ? [
          fill(
            "TRIPOD+AI",
            "Collins et al. 2024, BMJ 385:e078378; topics that a record of runs can answer, by what they ask. Add the numbers from the statement",
            tripod,
          ),
          fill(
            "STARD-AI",
            "Sounderajah et al. 2025, Nature Medicine; topics that a record of runs can answer, by what they ask. Add the numbers from the statement",
            stard,
          ),
        ]
      : []),
  ];
}
