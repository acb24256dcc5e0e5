import {
  type DatasetInfo,
  effectiveValues,
  type FieldError,
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

/** Cases of a part; `most` where groups or published parts decide how many there are exactly. */
type PartCases = { part: "training" | "test"; most: number; exact: boolean };

function casesOf(part: PartCases["part"], cases: number, split: Split): PartCases {
  const share = part === "training" ? split.train : split.test;
  if (split.groupBy !== null) return { part, most: cases, exact: false };
  if (split.published) return { part, most: Math.ceil(cases * (share + publishedTolerance)), exact: false };
  const [train = 0, , test = 0] = partSizes(cases, split);
  return { part, most: part === "training" ? train : test, exact: true };
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

/** Why a value is too large for the part of the data that limits it; null where it is not. */
function tooLarge(
  { name, value, isDefault }: { name: string; value: number; isDefault: boolean },
  { part, most, exact }: PartCases,
  ranks: number,
): Fault | null {
  if (value * ranks <= most) return null;
  const what = `${digits(value)}${isDefault ? ", the default," : ""}${ranks > 1 ? ` × ${ranks} ranks` : ""}`;
  const than = `the ${part} part${exact ? "" : " can be"} (${digits(most)} cases)`;
  const so = part === "training" ? ": no step could be made" : "";
  const largest = digits(Math.floor(most / ranks));
  return {
    ...{ name, value },
    message: (where) => `${what} is larger than ${than}${where}${so}`,
    wayOut: () => `Set ${name} to at most ${largest}, or give the ${part} part a larger share.`,
  };
}

/**
 * What the number of cases of the announced data set stands against: batches larger than the training part, more test cases than
 * there are, and parts of the split without a case. Nothing where the trainer does not say how many cases there are.
 */
export function dataLimitErrors(spec: SweepSpec, trainer: TrainerCapabilities): FieldError[] {
  const info = trainer.datasets.find(({ name }) => name === spec.dataset.name);
  if (!info || info.cases === null || spec.task === "evaluation") return [];
  const { split } = spec.dataset;
  const parts = {
    training: casesOf("training", info.cases, split),
    test: casesOf("test", info.cases, split),
  };
  const limited = Object.entries(trainer.hyperparameters).filter(([, rule]) => rule.limitedBy);
  const faultsOf = ({ params }: Configuration): Fault[] => {
    const values = effectiveValues(trainer.hyperparameters, params);
    return limited.flatMap(([name, rule]) => {
      const value = values[name];
      if (typeof value !== "number" || whyUnused(rule, values, spec.task) !== null) return [];
      const isDefault = (params[name] ?? null) === null;
      const ranks = rule.limitedBy === "trainingCasesPerRank" ? spec.resources.ranks : 1;
      const part = rule.limitedBy === "testCases" ? parts.test : parts.training;
      return tooLarge({ name, value, isDefault }, part, ranks) ?? [];
    });
  };
  return [...emptyPartErrors(info, info.cases, split), ...errorsByPlace(spec, faultsOf)];
}
