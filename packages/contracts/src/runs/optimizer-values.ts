import type { Parameters } from "../protocol/run-request.js";
import type { ObservedSetting, SettingValue } from "./observations.js";

/**
 * Values of an optimizer that a parameter of a run can ask for, and how such parameters are called: the last part of their
 * name, in lower case and without punctuation. Keys are those of PyTorch's groups; betas are counted.
 */
const parameterNames = {
  lr: [
    ...["lr", "learningrate", "baselr", "baselearningrate"],
    ...["initlr", "initiallr", "initiallearningrate", "learningrateinit"],
  ],
  weight_decay: ["weightdecay", "wd"],
  momentum: ["momentum", "sgdmomentum"],
  nesterov: ["nesterov"],
  beta1: ["beta1", "adambeta1"],
  beta2: ["beta2", "adambeta2"],
  amsgrad: ["amsgrad"],
} as const;
type OptimizerValue = keyof typeof parameterNames;
const optimizerValues = Object.keys(parameterNames) as OptimizerValue[];

const ofOptimizer = /^optimizer\d*(?:\.group\d+)?\.([a-z0-9_]+)$/;
/** A schedule changes `lr` by step; what it started from stands beside it. */
const learningRates: ReadonlySet<string> = new Set(["lr", "initial_lr", "default_lr"]);

/** Whether a setting is a value of an optimizer: `optimizer.lr`, `optimizer2.group3.weight_decay`. */
export const isOfOptimizer = (name: string): boolean => ofOptimizer.test(name);

function valueNamed(name: string): OptimizerValue | null {
  const key = ofOptimizer.exec(name)?.[1] ?? "";
  if (learningRates.has(key)) return "lr";
  return optimizerValues.find((value) => value === key) ?? null;
}

const bare = (name: string) => (name.split(".").at(-1) ?? "").toLowerCase().replace(/[^a-z0-9]/g, "");

/** The values that parameters ask for, as texts. */
function requestedOf(params: Readonly<Parameters>, value: OptimizerValue): Parameters[string][] {
  const names: readonly string[] = parameterNames[value];
  const own = Object.entries(params).flatMap(([name, given]) => {
    if (names.includes(bare(name))) return [given];
    const isOfBetas = ["betas", "adambetas"].includes(bare(name)) && Array.isArray(given);
    return isOfBetas && value === "beta1" ? [given[0]] : isOfBetas && value === "beta2" ? [given[1]] : [];
  });
  return own.flatMap((given) => (typeof given === "number" || typeof given === "boolean" ? [given] : []));
}

/** Numbers that went through 32 bits are the same. */
const precision = 1e-6;
function fits(requested: Parameters[string], seen: SettingValue): boolean {
  if (typeof requested === "number" && typeof seen === "number")
    return Math.abs(requested - seen) <= precision * Math.max(Math.abs(requested), Math.abs(seen));
  // An optimizer that has no such value does not do it.
  return requested === seen || (seen === null && (requested === false || requested === 0));
}

/**
 * Settings of optimizers, judged by the parameters of the run: a value that was asked for must be that of some group of some
 * optimizer, at some step. A schedule may change it, and other groups may have others. `former` are the same settings
 * before the last looks, whose judgement holds where it was that one fits.
 */
export function judgeOptimizers(
  params: Readonly<Parameters>,
  settings: readonly ObservedSetting[],
  former: ReadonlyMap<string, ObservedSetting>,
): ObservedSetting[] {
  const judged = new Map<ObservedSetting, Pick<ObservedSetting, "requested" | "departure">>();
  for (const value of optimizerValues) {
    const requested = requestedOf(params, value);
    const members = settings.filter(({ name }) => valueNamed(name) === value);
    const shown = members.find(({ name }) => name.endsWith(`.${value}`)) ?? members[0];
    if (requested.length === 0 || !shown) continue;
    const didFit = members.some(({ name, rank }) => {
      const before = former.get(settingKey({ name, rank }));
      return before !== undefined && before.requested !== null && before.departure === null;
    });
    const missing = didFit
      ? []
      : requested.filter((wish) => !members.some(({ first, last }) => fits(wish, first) || fits(wish, last)));
    const { first, firstStep, lastStep, where } = shown;
    judged.set(shown, {
      requested: (missing.length > 0 ? missing : requested).join(" and "),
      departure:
        missing.length === 0
          ? null
          : {
              kind: "contradicts",
              value: first,
              fromStep: firstStep,
              toStep: lastStep,
              ...(where ? { where } : {}),
            },
    });
  }
  return settings.map((setting) => ({ ...setting, ...judged.get(setting) }));
}

/** One setting of one process of a run. */
export const settingKey = ({ name, rank }: { name: string; rank?: number | undefined }) =>
  `${rank ?? 0} ${name}`;
