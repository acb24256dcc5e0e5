import type { MetricInfo } from "@reprise/contracts";
import { announced, contrastiveTrainingMetrics, metricsWhere } from "../metric-table.js";
import type { Question } from "./pairs.js";

/** What is measured for a question: rates of the positive class only where there is one. */
export const questionMetrics = (hasPositive: boolean) =>
  metricsWhere(hasPositive).filter(({ ofQuestion }) => ofQuestion !== null);

/** "digit" and "Accuracy" on the test split: testDigitAccuracy. */
export const zeroShotKey = (split: string, question: string, name: string) =>
  `${split}${question.charAt(0).toUpperCase()}${question.slice(1)}${name}`;

/** Keys that a run on these questions reports for a split. */
export function contrastiveMetricKeys(
  questions: readonly Pick<Question, "name" | "positiveClass">[],
  split: "validation" | "test",
): string[] {
  const keys = questions.flatMap(({ name, positiveClass }) =>
    questionMetrics(positiveClass !== null).map((metric) => zeroShotKey(split, name, metric.name)),
  );
  return split === "validation" ? ["validationLoss", ...keys] : keys;
}

/** Outside brackets each label must tell its question from the others: sentences and menus leave brackets out. */
const digitQuestions = [
  { name: "digit", label: "digit", binary: false, detail: "held-out prompts" },
  { name: "digitSeen", label: "seen-prompt digit", binary: false, detail: "prompts in the captions' words" },
  { name: "loop", label: "closed-loop", binary: true },
  { name: "thick", label: "thick-stroke", binary: true },
];

type AnnouncedQuestion = {
  name: string;
  label: string;
  binary: boolean;
  /** Data set that it is asked on, where that is not the training set. */
  on?: string;
  detail?: string;
};

function metricsOf(split: "validation" | "test", question: AnnouncedQuestion): MetricInfo[] {
  const { name, label, binary, on, detail } = question;
  const place = on === undefined ? "" : ` on ${on}`;
  const brackets = ["zero-shot", ...(detail ? [detail] : [])].join("; ");
  return questionMetrics(binary).map((metric) =>
    announced(metric, {
      key: zeroShotKey(split, name, metric.name),
      label: `${split} ${label} ${metric.ofQuestion}${place} (${brackets})`,
      split,
    }),
  );
}

/** Metrics of questions that are asked on other data sets: they are always reported as test figures. */
export const questionsOnSets = (
  asked: readonly { name: string; dataset: string; binary: boolean }[],
): MetricInfo[] =>
  asked.flatMap(({ name, dataset, binary }) =>
    metricsOf("test", { name, label: name, binary, ...(name === dataset ? {} : { on: dataset }) }).map(
      (metric) => ({
        ...metric,
        // The split of the training set has no say in them.
        split: null,
      }),
    ),
  );

/** Metrics of the contrastive task that classifiers do not have, as announced. */
export const contrastiveMetrics: MetricInfo[] = [
  ...(["validation", "test"] as const).flatMap((split) =>
    digitQuestions.flatMap((question) => metricsOf(split, question)),
  ),
  ...contrastiveTrainingMetrics,
];
