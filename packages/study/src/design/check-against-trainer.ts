import {
  armsOf,
  builtInTrainer,
  type DatasetInfo,
  didYouMean,
  externalTrainer,
  type FieldError,
  type LeftOutTrainer,
  type MetricDeclarations,
  metricFacts,
  modeOf,
  type SweepSpec,
  showValue,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { dataLimitErrors } from "./data-limits.js";
import { hyperparameterErrors, seedErrors } from "./hyperparameter-values.js";
import { unusedHyperparameterErrors } from "./unused-hyperparameters.js";
import { relationErrors } from "./value-relations.js";

function unknown(path: string, value: string, what: string, known: readonly string[]): FieldError {
  return { path, message: `unknown ${what}`, value: showValue(value), suggestion: didYouMean(value, known) };
}

function datasetErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  // It reads what it is told to: the data set is a name only.
  if (trainer.datasets.length === 0) return [];
  const { name, split } = spec.dataset;
  const info = trainer.datasets.find((dataset) => dataset.name === name);
  if (!info) {
    const known = trainer.datasets.map((dataset) => dataset.name);
    return [unknown("dataset.name", name, `dataset for trainer ${trainer.name}`, known)];
  }
  const errors: FieldError[] = [];
  if (!info.available) {
    errors.push({
      path: "dataset.name",
      message: "this dataset is not there",
      value: showValue(name),
      suggestion: info.hint ?? undefined,
    });
  }
  if (split.groupBy !== null && !info.groups.includes(split.groupBy)) {
    errors.push(unknown("dataset.split.groupBy", split.groupBy, `grouping of ${name}`, info.groups));
  }
  if (spec.threshold.rule !== "fixed" && spec.task === "contrastive") {
    errors.push({
      path: "threshold.rule",
      message: "has no meaning for task contrastive: an image gets the class whose prompts are nearest",
      value: showValue(spec.threshold.rule),
      suggestion: "Use rule: fixed.",
    });
  } else if (spec.threshold.rule !== "fixed") {
    if (info.positiveClass === null) {
      errors.push({
        path: "threshold.rule",
        message: `a threshold needs two classes with a declared positive one; ${name} has ${info.classes.length} classes`,
        value: showValue(spec.threshold.rule),
        suggestion: "Use rule: fixed.",
      });
    }
    if (split.validation === 0) {
      errors.push({
        path: "threshold.rule",
        message: "this rule chooses the threshold on validation data, and the split has none",
        value: showValue(spec.threshold.rule),
        suggestion: "Set dataset.split.validation above 0, or use rule: fixed.",
      });
    }
  }
  return errors;
}

/** What makes nondeterministic arms differ on the backend that a spec will run on. */
function noiseOf({ backend }: SweepSpec, trainer: TrainerCapabilities) {
  const name = backend === "auto" ? trainer.backends[0] : backend;
  const probe = trainer.backendProbes.find((candidate) => candidate.backend === name);
  const others = trainer.backendProbes.filter((other) => other.works && other.nondeterminismSource !== null);
  return {
    source: probe ? probe.nondeterminismSource : trainer.nondeterminismSource,
    where: probe ? `backend ${probe.backend} of trainer ${trainer.name}` : `trainer ${trainer.name}`,
    wayOut:
      others.length > 0
        ? `Set backend to ${others.map((other) => other.backend).join(" or ")}, or use a deterministic or permuted arm.`
        : "Use a deterministic or permuted arm, or another trainer.",
  };
}

function armErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const noise = noiseOf(spec, trainer);
  const paths: Record<string, string> = spec.arms
    ? Object.fromEntries(spec.arms.map((arm, index) => [arm.name, `arms.${index}.execution`]))
    : { det: "modes.deterministic", free: "modes.nondeterministic" };
  return armsOf(spec).flatMap((arm): FieldError[] => {
    const path = paths[arm.name] ?? "arms";
    const { order } = arm.execution;
    if (!trainer.summationOrders.includes(order)) {
      return [
        {
          path: spec.arms ? `${path}.order` : path,
          message: `trainer ${trainer.name} cannot sum in ${order} order`,
          value: showValue(order),
          suggestion: `It offers: ${trainer.summationOrders.join(", ")}.`,
        },
      ];
    }
    if (arm.execution.perturb && (trainer.name !== builtInTrainer || spec.task === "evaluation")) {
      return [
        {
          path: `${path}.perturb`,
          message: "only training by the built-in trainer can perturb an initial weight",
          value: arm.execution.perturb,
          suggestion: "Leave perturb out.",
        },
      ];
    }
    if (modeOf(arm.execution) === "nondeterministic" && noise.source === null) {
      return [
        {
          path,
          message: `${noise.where} has no source of nondeterminism: these repeats would all be equal`,
          value: showValue(arm.name),
          suggestion: noise.wayOut,
        },
      ];
    }
    return [];
  });
}

/** What a study declares of metrics otherwise than its trainer, which reports them. */
export function declarationErrors(
  declared: MetricDeclarations,
  trainer: Pick<TrainerCapabilities, "name" | "metrics">,
): FieldError[] {
  return Object.entries(declared).flatMap(([key, said]) => {
    const announced = trainer.metrics.find((metric) => metric.key === key);
    if (!announced) return [];
    return (["unit", "direction", "split"] as const).flatMap((field) =>
      said[field] === undefined || said[field] === announced[field]
        ? []
        : [
            {
              path: `metrics.${key}.${field}`,
              message: `trainer ${trainer.name} announces ${showValue(announced[field])}`,
              value: showValue(said[field]),
            },
          ],
    );
  });
}

function metricErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const keys = trainer.metrics.map((metric) => metric.key);
  const info: DatasetInfo | undefined = trainer.datasets.find(({ name }) => name === spec.dataset.name);
  const check = (path: string, key: string): FieldError[] => {
    const metric = trainer.metrics.find((candidate) => candidate.key === key);
    // One that announces none may report any.
    if (keys.length === 0) return [];
    if (!metric) return [unknown(path, key, `metric of trainer ${trainer.name}`, keys)];
    // Zero-shot questions bring their own classes.
    const { binaryOnly } = metricFacts(key, trainer.metrics);
    if (spec.task === "classification" && binaryOnly && info?.positiveClass === null) {
      return [
        {
          path,
          message: `${info.name} has ${info.classes.length} classes and no positive one, so it has no ${metric.label}`,
          value: showValue(key),
        },
      ];
    }
    if (metric.split && metric.split !== "train" && spec.dataset.split[metric.split] === 0) {
      return [
        {
          path,
          message: `the split has no ${metric.split} part`,
          value: showValue(key),
          suggestion: `Set dataset.split.${metric.split} above 0.`,
        },
      ];
    }
    return [];
  };
  const errors: FieldError[] = declarationErrors(spec.metrics ?? {}, trainer);
  if (spec.objective) {
    const { metric: key, direction } = spec.objective;
    const metric = trainer.metrics.find((candidate) => candidate.key === key);
    errors.push(...check("objective.metric", key));
    if (metric && metric.split !== "validation") {
      const validation = trainer.metrics.filter(({ split }) => split === "validation").map((m) => m.key);
      errors.push({
        path: "objective.metric",
        message: "must be a metric of the validation part",
        value: showValue(key),
        suggestion: didYouMean(key.replace(/^(test|train)/, "validation"), validation),
      });
    }
    if (metric?.direction && metric.direction !== direction) {
      errors.push({
        path: "objective.direction",
        message: `${key} is a metric to ${metric.direction}`,
        value: showValue(direction),
      });
    }
  }
  if (spec.analysisPlan) {
    errors.push(...check("analysisPlan.primaryMetric", spec.analysisPlan.primaryMetric));
    for (const key of Object.keys(spec.analysisPlan.margin)) {
      errors.push(...check(`analysisPlan.margin.${key}`, key));
    }
  }
  return errors;
}

/** A trainer that a worker cannot offer, said where somebody asks for it. */
export function leftOutSentence({ worker, name, reason, lastLines }: LeftOutTrainer & { worker: string }) {
  const said = lastLines.at(-1)?.trim();
  return `Worker ${worker} has ${name} in its configuration, but it ${reason}${said ? ` (${said})` : ""}.`;
}

/** Of trainers that come with Reprise and need what Reprise does not bring: how a worker gets to offer them. */
const waysToOffer: Readonly<Record<string, string>> = {
  "torch-classification":
    "Start the worker with REPRISE_PYTHON, the path of a Python with PyTorch, or name this trainer in the worker's file: packages/python/README.md has the lines.",
  openclip: "Name this trainer in the worker's file: packages/python/README.md has the lines.",
};

/**
 * What stands against running a spec on the trainers that workers announce: unknown names with the nearest known one,
 * values of the wrong type or out of range, data that is not there, execution that the trainer cannot do. Empty when
 * nothing does. Of a trainer that no worker announces but one has left out, the reason is told.
 */
export function checkAgainstTrainer(
  spec: SweepSpec,
  announced: readonly TrainerCapabilities[],
  leftOut: readonly (LeftOutTrainer & { worker: string })[] = [],
): FieldError[] {
  // Nobody has announced what is trained elsewhere.
  if (spec.trainer === externalTrainer) return seedErrors(spec);
  const trainer = announced.find((candidate) => candidate.name === spec.trainer);
  if (!trainer) {
    const names = announced.map((candidate) => candidate.name);
    const error = unknown("trainer", spec.trainer, "trainer", names);
    const missed = leftOut.find(({ name }) => name === spec.trainer);
    if (missed) return [{ ...error, suggestion: leftOutSentence(missed) }];
    const way = waysToOffer[spec.trainer];
    if (way) return [{ ...error, suggestion: way }];
    return [
      names.length > 0
        ? error
        : { ...error, suggestion: "No worker has announced a trainer yet: start one." },
    ];
  }
  const errors: FieldError[] = [];
  if (!trainer.tasks.includes(spec.task)) {
    errors.push({
      path: "task",
      message: `trainer ${trainer.name} cannot do this task`,
      value: showValue(spec.task),
      suggestion: `It offers: ${trainer.tasks.join(", ")}.`,
    });
  }
  if (spec.backend !== "auto" && !trainer.backends.includes(spec.backend)) {
    const tried = trainer.backendProbes.find((probe) => probe.backend === spec.backend);
    errors.push({
      path: "backend",
      message: `trainer ${trainer.name} does not offer this backend here${tried ? ` (${tried.detail})` : ""}; it is never replaced silently`,
      value: showValue(spec.backend),
      suggestion: `It offers: ${trainer.backends.join(", ")}; or use auto.`,
    });
  }
  const wrongValues = hyperparameterErrors(spec, trainer);
  return [
    ...errors,
    ...datasetErrors(spec, trainer),
    // Which of them are used can only be told from values that are right.
    ...(wrongValues.length > 0
      ? wrongValues
      : [
          ...unusedHyperparameterErrors(spec, trainer),
          ...dataLimitErrors(spec, trainer),
          ...relationErrors(spec, trainer),
        ]),
    ...armErrors(spec, trainer),
    ...metricErrors(spec, trainer),
  ];
}
