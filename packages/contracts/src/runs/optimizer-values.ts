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

/** What a program tells its logger of its parameters: its own word, as it goes into its records. */
export const isLogged = (name: string): boolean =>
  /^(wandb\.config|mlflow\.params|tensorboard\.hparams|lightning\.hparams)\./.test(name);

/** Some loggers keep all values as texts. */
function ofText(value: SettingValue): SettingValue {
  if (typeof value !== "string") return value;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  return value.trim() === "" || Number.isNaN(Number(value)) ? value : Number(value);
}

type Wish = { name: string; value: number | boolean };

/** What is asked of a value by parameters of its meaning. */
function wishesFor(value: OptimizerValue, given: readonly (readonly [string, unknown])[]): Wish[] {
  const names: readonly string[] = parameterNames[value];
  return given.flatMap(([name, all]) => {
    const isOfBetas = ["betas", "adambetas"].includes(bare(name)) && Array.isArray(all);
    const one = names.includes(bare(name))
      ? all
      : isOfBetas && (value === "beta1" || value === "beta2")
        ? all[value === "beta1" ? 0 : 1]
        : null;
    return typeof one === "number" || typeof one === "boolean" ? [{ name, value: one }] : [];
  });
}

/** Numbers that went through 32 bits are the same. */
const precision = 1e-6;
function fits(requested: number | boolean, seen: SettingValue): boolean {
  if (typeof requested === "number" && typeof seen === "number")
    return Math.abs(requested - seen) <= precision * Math.max(Math.abs(requested), Math.abs(seen));
  // An optimizer that has no such value does not do it.
  return requested === seen || (seen === null && (requested === false || requested === 0));
}

type Judgement = Pick<ObservedSetting, "requested" | "requestedAs" | "departure">;

/** What is wished of a value against what its groups have; null where nothing is wished. */
function judgementOf(
  kind: "contradicts" | "misreported",
  wishes: readonly Wish[],
  {
    shown,
    members,
    didFit,
  }: { shown: ObservedSetting; members: readonly ObservedSetting[]; didFit: boolean },
): Judgement | null {
  if (wishes.length === 0) return null;
  const missing = didFit
    ? []
    : wishes.filter(
        ({ value }) => !members.some(({ first, last }) => fits(value, first) || fits(value, last)),
      );
  const told = missing.length > 0 ? missing : wishes;
  const { first, firstStep, lastStep, where } = shown;
  return {
    requested: told.map(({ value }) => value).join(" and "),
    requestedAs: told.map(({ name }) => name).join(" and "),
    departure:
      missing.length === 0
        ? null
        : { kind, value: first, fromStep: firstStep, toStep: lastStep, ...(where ? { where } : {}) },
  };
}

/**
 * Settings of optimizers, judged by the parameters of the run: a value that was asked for must be that of some group of some
 * optimizer, at some step. A schedule may change it, and other groups may have others. So is what the program logs of its
 * parameters, where the request does not speak of it. `former` are the same settings before the last looks, whose
 * judgement holds where it was that one fits.
 */
export function judgeOptimizers(
  params: Readonly<Parameters>,
  settings: readonly ObservedSetting[],
  former: ReadonlyMap<string, ObservedSetting>,
): ObservedSetting[] {
  const logged = settings.flatMap(({ name, last }) =>
    isLogged(name) ? [[name, ofText(last)] as const] : [],
  );
  const judged = new Map<ObservedSetting, Judgement>();
  for (const value of optimizerValues) {
    const members = settings.filter(({ name }) => valueNamed(name) === value);
    const shown = members.find(({ name }) => name.endsWith(`.${value}`)) ?? members[0];
    if (!shown) continue;
    const before = former.get(settingKey(shown));
    const didFit = before !== undefined && before.requested !== null && before.departure === null;
    const seen = { shown, members, didFit };
    const judgement =
      judgementOf("contradicts", wishesFor(value, Object.entries(params)), seen) ??
      judgementOf("misreported", wishesFor(value, logged), seen);
    if (judgement) judged.set(shown, judgement);
  }
  return settings.map((setting) => ({ ...setting, ...judged.get(setting) }));
}

/** One setting of one process of a run. */
export const settingKey = ({ name, rank }: { name: string; rank?: number | undefined }) =>
  `${rank ?? 0} ${name}`;
