import {
  type DatasetInfo,
  effectiveValues,
  type FieldError,
  type Hyperparameter,
  partNames,
  partSizes,
  type Split,
  type SweepSpec,
  showValue,
  type TrainerCapabilities,
  whyUnused,
} from "@reprise/contracts";
import type { Configuration } from "./expand-sweep.js";
import { errorsByPlace, type Fault } from "./places.js";

/** How far the shares of published parts may lie from those that are asked for. */
const publishedTolerance = 0.005;

/** Cases of the training part; `most` where groups or published parts decide how many there are exactly. */
type TrainingCases = { most: number; exact: boolean };

function trainingCases(cases: number, split: Split): TrainingCases {
  if (split.groupBy !== null) return { most: cases, exact: false };
  if (split.published) return { most: Math.ceil(cases * (split.train + publishedTolerance)), exact: false };
  const [train = 0] = partSizes(cases, split);
  return { most: train, exact: true };
}

/** Parts of the split that have a share and yet no case. */
function emptyPartErrors({ name }: DatasetInfo, cases: number, split: Split): FieldError[] {
  if (split.groupBy !== null || split.published) return [];
  const sizes = partSizes(cases, split);
  return partNames.flatMap((part, index) =>
    split[part] > 0 && sizes[index] === 0
      ? [
          {
            path: `dataset.split.${part}`,
            message: `is less than one of the ${cases} cases of ${name}: the ${part} part would be empty`,
            value: showValue(split[part]),
            suggestion: `Set it to at least ${Number((1 / cases).toPrecision(2))}, or to 0.`,
          },
        ]
      : [],
  );
}

const digits = (count: number) => count.toLocaleString("en-GB");

function tooLarge(
  name: string,
  value: number,
  {
    rule,
    isDefault,
    ranks,
    training,
  }: { rule: Hyperparameter; isDefault: boolean; ranks: number; training: TrainingCases },
): Fault | null {
  const times = rule.limitedBy === "trainingCasesPerRank" ? ranks : 1;
  if (value * times <= training.most) return null;
  const what = `${digits(value)}${isDefault ? ", the default," : ""}${times > 1 ? ` × ${times} ranks` : ""}`;
  const part = training.exact
    ? `the training part (${digits(training.most)} cases)`
    : `the training part can be (${digits(training.most)} cases)`;
  return { name, value, message: (where) => `${what} is larger than ${part}${where}: no step could be made` };
}

/**
 * What the number of cases of the announced data set stands against: batches larger than the training part, and parts of the
 * split without a case. Nothing where the trainer does not say how many cases there are.
 */
export function dataLimitErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const info = trainer.datasets.find(({ name }) => name === spec.dataset.name);
  if (!info || info.cases === null || spec.task === "evaluation") return [];
  const training = trainingCases(info.cases, spec.dataset.split);
  const { ranks } = spec.resources;
  const limited = Object.entries(trainer.hyperparameters).filter(([, rule]) => rule.limitedBy);
  const faultsOf = ({ params }: Configuration): Fault[] => {
    const values = effectiveValues(trainer.hyperparameters, params);
    return limited.flatMap(([name, rule]) => {
      const value = values[name];
      if (typeof value !== "number" || whyUnused(rule, values, spec.task) !== null) return [];
      const isDefault = (params[name] ?? null) === null;
      return tooLarge(name, value, { rule, isDefault, ranks, training }) ?? [];
    });
  };
  return [
    ...emptyPartErrors(info, info.cases, spec.dataset.split),
    ...errorsByPlace(
      spec,
      faultsOf,
      () =>
        `Train on at most ${digits(training.most)} cases a step, or give the training part a larger share.`,
    ),
  ];
}
