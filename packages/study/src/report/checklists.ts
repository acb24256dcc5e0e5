import type { Checklist } from "@reprise/contracts";
import { counted } from "../analyses/words.js";
import {
  type Answer,
  byHand,
  calibrated,
  cases,
  classes,
  code,
  compute,
  dataSource,
  dependence,
  disjoint,
  either,
  environment,
  fairness,
  has,
  hyperparameters,
  license,
  metrics,
  missing,
  repeating,
  reported,
  robustness,
  seedsAnswer,
  selection,
  split,
  stability,
  tests,
  thresholds,
  uncertainty,
  usefulness,
} from "./checklist-answers.js";
import type { Facts } from "./input.js";

type Item = [number: string, asks: string, answer: (facts: Facts) => Answer];

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
    () => byHand("Augmentation is among the hyperparameters; add how the images were prepared."),
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
  ["32", "External test data", () => missing("The models were not evaluated on external data.")],
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
        ? reported(
            "Cases that flip between runs, and how far their scores move. Say what they have in common.",
          )
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
  ["heterogeneity", "How far results vary between runs", stability],
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
  ["robustness", "How far results vary between runs", stability],
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
