import type { Execution, Noise } from "../protocol/execution.js";
import type { Parameters } from "../protocol/run-request.js";
import { externalTrainer } from "../sweeps/sweep-spec.js";
import { type ClaimSubject, type HowKnown, weakestKnown } from "./claims.js";
import {
  type Observation,
  type ObservedSetting,
  type ObservedStretch,
  type SettingValue,
  settingValue,
} from "./observations.js";
import { isOfOptimizer, judgeOptimizers, settingKey } from "./optimizer-values.js";

/** What a run was asked for, as far as settings of its process follow from it. */
export type AskedOfRun = {
  trainer: string;
  /** Whether its program may start before the run is known; undefined where that is not known any more. */
  startsAhead?: boolean | undefined;
  execution: Execution;
  seed: number;
  noise: Noise;
  params: Readonly<Parameters>;
};

/** The values that fit what was asked for of a process, the plainest first; empty where nothing was. */
type Fitting = (asked: AskedOfRun, rank: number) => readonly string[];

const onOff = (isOn: boolean) => (isOn ? ["true", "1"] : ["false", "0"]);
/** A variable that switches something on by being set. */
const switched = (isOn: boolean) => (isOn ? ["1", "true"] : ["null", "0", "false", ""]);
const isDeterministic = ({ execution }: AskedOfRun) => execution.algorithms === "deterministic";
const nothing: Fitting = () => [];
/**
 * By the newer names of PyTorch 2.9: where TF32 is off, nothing else shortens 32-bit numbers either. Of operations alone: what is set for
 * a library or for all of them is what these answer, unless they have been set by themselves.
 */
const fullPrecision: Fitting = ({ execution }) => (execution.tf32 ? [] : ["ieee", "none"]);

/**
 * A seed that every draw comes from: not where a source varies, whose seeds a program makes itself. Processes of one run may
 * have one each, by their rank.
 */
const seedBelow =
  (limit = Number.POSITIVE_INFINITY): Fitting =>
  ({ seed, noise }, rank) =>
    Object.values(noise).includes("varied")
      ? []
      : [...new Set([seed, seed + rank])].map((fitting) =>
          String(fitting < limit ? fitting : fitting % limit),
        );

/**
 * Settings that Reprise knows, what each says something about, and what a run's arm and seed make of it. Sources: PyTorch
 * ("Reproducibility"), cuBLAS ("Results Reproducibility"), TensorFlow (`tf.config.experimental.enable_op_determinism`).
 */
const settings: Readonly<Record<string, { subject: ClaimSubject; fitting: Fitting }>> = {
  "torch.use_deterministic_algorithms": {
    subject: "algorithms",
    fitting: (asked) => onOff(isDeterministic(asked)),
  },
  // With it operations without a deterministic form run as they are, and warn.
  "torch.use_deterministic_algorithms.warn_only": {
    subject: "algorithms",
    fitting: (asked) => (isDeterministic(asked) ? onOff(false) : []),
  },
  "torch.backends.cudnn.deterministic": {
    subject: "algorithms",
    fitting: (asked) => onOff(isDeterministic(asked)),
  },
  TF_DETERMINISTIC_OPS: { subject: "algorithms", fitting: (asked) => switched(isDeterministic(asked)) },
  TF_CUDNN_DETERMINISTIC: { subject: "algorithms", fitting: (asked) => switched(isDeterministic(asked)) },
  // Either size makes cuBLAS repeat itself; arms with default algorithms leave it open.
  CUBLAS_WORKSPACE_CONFIG: {
    subject: "algorithms",
    fitting: (asked) => (isDeterministic(asked) ? [":4096:8", ":16:8"] : []),
  },
  "torch.backends.cudnn.benchmark": {
    subject: "autotune",
    fitting: ({ execution }) => onOff(execution.autotune),
  },
  TF_CUDNN_USE_AUTOTUNE: { subject: "autotune", fitting: ({ execution }) => onOff(execution.autotune) },
  "torch.backends.cuda.matmul.allow_tf32": {
    subject: "tf32",
    fitting: ({ execution }) => onOff(execution.tf32),
  },
  "torch.backends.cudnn.allow_tf32": { subject: "tf32", fitting: ({ execution }) => onOff(execution.tf32) },
  "torch.float32_matmul_precision": {
    subject: "tf32",
    fitting: ({ execution }) => (execution.tf32 ? ["high", "medium"] : ["highest"]),
  },
  "torch.backends.cuda.matmul.fp32_precision": { subject: "tf32", fitting: fullPrecision },
  "torch.backends.cudnn.conv.fp32_precision": { subject: "tf32", fitting: fullPrecision },
  "torch.backends.cudnn.rnn.fp32_precision": { subject: "tf32", fitting: fullPrecision },
  "torch.backends.mkldnn.matmul.fp32_precision": { subject: "tf32", fitting: fullPrecision },
  "torch.backends.mkldnn.conv.fp32_precision": { subject: "tf32", fitting: fullPrecision },
  "torch.backends.mkldnn.rnn.fp32_precision": { subject: "tf32", fitting: fullPrecision },
  NVIDIA_TF32_OVERRIDE: { subject: "tf32", fitting: ({ execution }) => (execution.tf32 ? [] : ["0"]) },
  seed: { subject: "seed", fitting: seedBelow() },
  "seed.python": { subject: "seed", fitting: seedBelow() },
  "seed.torch": { subject: "seed", fitting: seedBelow() },
  "torch.initial_seed": { subject: "seed", fitting: seedBelow() },
  "seed.numpy": { subject: "seed", fitting: seedBelow(2 ** 32) },
  // Workers set it before the program starts, to 0 where the run may not be known then; a program that nobody here starts cannot set it any more.
  PYTHONHASHSEED: {
    subject: "seed",
    fitting: ({ trainer, startsAhead, seed }) => {
      if (trainer === externalTrainer) return [];
      const own = startsAhead ? [] : [String(seed % 2 ** 32)];
      return startsAhead === false ? own : [...own, "0"];
    },
  },
};

const settingOf = (name: string) => (Object.hasOwn(settings, name) ? settings[name] : undefined);

/**
 * Settings among values that a program reports of itself, as in its environment or its effective parameters. A report is
 * held against arm and seed wherever the program makes it.
 */
export const settingsAmong = (values: Readonly<Record<string, unknown>>): Observation[] =>
  Object.entries(values).flatMap(([name, given]) => {
    const value = settingValue.safeParse(given);
    return settingOf(name) && value.success
      ? [{ step: null, name, value: value.data, observer: "program" }]
      : [];
  });

/**
 * Variables that take part in what they are about, and do not settle it: a seed of hashes is not the seed of the draws. So
 * does every value of an optimizer, which is one of many parameters.
 */
const partial: ReadonlySet<string> = new Set(["CUBLAS_WORKSPACE_CONFIG", "PYTHONHASHSEED"]);

/** Whether a look at a setting shows by itself that what it is about was as it says. */
export const showsAlone = ({ name }: Pick<ObservedSetting, "name">): boolean =>
  !partial.has(name) && !isOfOptimizer(name);

/** States of random generators, as digests: they change with every draw. */
const isState = (name: string) => name.startsWith("rng.");
/** The digest of the final weights, as a look of whoever computed it: what tells Reprise's own from one that the program sets. */
export const finalDigest = "digest.finalWeights";
/** Generators that a program makes for itself, each with a seed of its own. */
const ownGenerators: ReadonlySet<string> = new Set(["seed.numpy.default_rng", "seed.python.generator"]);
const isOwnGenerator = (name: string) => ownGenerators.has(name);
/** The value of a seed that nobody chose. */
const fromTheSystem = "from the system";
/** What is asked of a seed where any will do. */
const anySeed = "a seed";
/** Whether the process has begun to use CUDA, before which nothing of CUDA is in effect. */
export const cudaBegan = "torch.cuda.is_initialized";
/** Facts of a program that are no settings of an arm: which kernels it may use for a part of a step, and how its model stands. */
const ofProgram: ReadonlySet<string> = new Set([
  "torch.backends.cudnn.enabled",
  "torch.backends.mkldnn.enabled",
  "model.training",
]);
/** What no arm asks for, and a program chooses before its first step has ended. */
const setUpByProgram: ReadonlySet<string> = new Set(["torch.num_threads"]);
/** What may change while nothing departs. */
const mayChange = (name: string) =>
  isState(name) ||
  isOfOptimizer(name) ||
  isOwnGenerator(name) ||
  ofProgram.has(name) ||
  name === cudaBegan ||
  name === finalDigest;

function subjectOf(name: string): ClaimSubject | null {
  if (isOfOptimizer(name)) return "parameters";
  if (isOwnGenerator(name)) return "seed";
  return settingOf(name)?.subject ?? (isState(name) ? "seed" : null);
}

const normal = (value: SettingValue) => String(value).toLowerCase();
const order = (step: number | null) => step ?? -1;
/** By step; of equal steps, and of looks that belong to none, the earlier report comes first. */
const inOrder = (observations: readonly Observation[]) =>
  observations.toSorted((a, b) => order(a.step) - order(b.step));

/** What was seen of each setting, by name, as stretches of equal values in the order of steps. */
export function stretchesOf(observations: readonly Observation[]): ObservedStretch[] {
  const byName = new Map<string, ObservedStretch[]>();
  for (const { step, ...look } of inOrder(observations)) {
    const key = settingKey(look);
    const stretches = byName.get(key) ?? [];
    const last = stretches.at(-1);
    if (last && last.value === look.value) {
      last.toStep = step;
      last.count += 1;
      if (look.observer === "program") last.observer = "program";
    } else stretches.push({ ...look, fromStep: step, toStep: step, count: 1 });
    byName.set(key, stretches);
  }
  return [...byName.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]) => own);
}

/** The values that would fit in place of what was seen; empty where any does. */
function fittingOf({ name, value, rank }: Observation, asked: AskedOfRun): readonly string[] {
  const isUnseeded = isOwnGenerator(name) && value === fromTheSystem;
  if (isUnseeded) return Object.values(asked.noise).includes("varied") ? [] : [anySeed];
  return (settingOf(name)?.fitting ?? nothing)(asked, rank ?? 0);
}

type Departure = ObservedSetting["departure"];

/** What a further look at a setting says of its departure. */
function departureAfter(
  { name, last, changes, departure }: ObservedSetting,
  { step, value, where, rank }: Observation,
  fitting: readonly string[],
): Departure {
  const place = where === undefined ? {} : { where };
  if (fitting.length > 0 && !fitting.includes(normal(value))) {
    if (departure?.kind === "contradicts") return { ...departure, toStep: step };
    return { kind: "contradicts", value, fromStep: step, toStep: step, ...place };
  }
  // A process that has come to its own seed has changed from one that fits to another.
  const isOfRank = rank !== undefined && rank > 0 && fitting.length > 0;
  if (departure === null && changes > 0 && !mayChange(name) && !isOfRank)
    return { kind: "changed", value, before: last, fromStep: step, toStep: step, ...place };
  // It has kept the value that it changed to.
  if (departure?.kind === "changed" && changes === 1) return { ...departure, toStep: step };
  return departure;
}

/** At most so many settings of a run are summed up, the first that were seen. */
const mostSettings = 200;

/**
 * All looks at the settings of a run in short, by name, each judged by what the run was asked for. `former` is the same of
 * earlier looks; null is answered where a look belongs before one of those, and all must be summed up anew.
 */
export function extendSettings(
  asked: AskedOfRun,
  former: readonly ObservedSetting[],
  observations: readonly Observation[],
): ObservedSetting[] | null {
  const before = new Map(former.map((setting) => [settingKey(setting), setting]));
  const byKey = new Map(before);
  for (const look of inOrder(observations)) {
    const { name, step, value, observer, where, rank } = look;
    const fitting = fittingOf(look, asked);
    const key = settingKey(look);
    const last = byKey.get(key);
    if (!last && byKey.size >= mostSettings && name !== finalDigest) continue;
    if (last && order(step) < order(last.lastStep)) return null;
    const seen: ObservedSetting = last ?? {
      name,
      ...(rank ? { rank } : {}),
      observer,
      subject: subjectOf(name),
      count: 0,
      changes: 0,
      firstStep: step,
      lastStep: step,
      first: value,
      last: value,
      requested: null,
      departure: null,
    };
    const isSetUp = setUpByProgram.has(name) && order(step) <= 1;
    const changes = seen.changes + (seen.last === value || isSetUp ? 0 : 1);
    byKey.set(key, {
      ...seen,
      requested: fitting[0] ?? seen.requested,
      // An optimizer is judged by the first value: the line is that one's. Elsewhere it is where the last was set.
      ...(where === undefined || (isOfOptimizer(name) && (seen.where !== undefined || value !== seen.first))
        ? {}
        : { where }),
      observer: seen.observer === observer ? observer : "program",
      count: seen.count + 1,
      changes,
      lastStep: step,
      last: value,
      departure: departureAfter({ ...seen, changes }, look, fitting),
    });
  }
  const settings = [...byKey.values()].toSorted((a, b) =>
    a.name === b.name ? (a.rank ?? 0) - (b.rank ?? 0) : a.name < b.name ? -1 : 1,
  );
  return judgeOptimizers(asked.params, settings, before);
}

/** The same of all looks. */
export const settingsOf = (asked: AskedOfRun, observations: readonly Observation[]): ObservedSetting[] =>
  extendSettings(asked, [], observations) ?? [];

/** Whether a setting was not as requested; what a program logs of itself is no request. */
export const isOtherwise = ({ departure }: Pick<ObservedSetting, "departure">): boolean =>
  departure !== null && departure.kind !== "misreported";

/** A value as a sentence names it. */
export const settingWords = (value: SettingValue) => (value === null ? "not set" : String(value));

const spanWords = (from: number | null, to: number | null) => {
  if (from === null) return to === null ? "" : ` until step ${to}`;
  return to === null || to === from ? ` at step ${from}` : ` from step ${from} to step ${to}`;
};

/** Observed is what Reprise's code saw; what a program says of its own settings is reported. */
export const seenBy = (settings: readonly Pick<ObservedSetting, "observer">[]): HowKnown =>
  weakestKnown(settings.map(({ observer }) => (observer === "reprise" ? "observed" : "reported"))) ??
  "reported";

/**
 * "torch.backends.cudnn.benchmark was observed as true from step 1 to step 40; false was requested." Empty where nothing
 * departs.
 */
export function departureSentence(setting: ObservedSetting): string {
  const { name, requested, requestedAs, departure } = setting;
  if (departure === null) return "";
  const seen = seenBy([setting]);
  const { kind, value, before, fromStep, toStep, where } = departure;
  const of = setting.rank === undefined ? name : `${name} of rank ${setting.rank}`;
  // What is missing was not set anywhere; where what lacks it was made says the line.
  const place = where === undefined ? "" : `, ${value === null ? "" : "set "}in ${where}`;
  const was = `${of} was ${seen} as ${settingWords(value)}${spanWords(fromStep, toStep)}${place}`;
  if (kind === "misreported") return `${was}; the program logs ${requested} (${requestedAs}).`;
  if (kind === "contradicts") {
    const wish = requested === "null" ? "that it is not set" : requested;
    return `${was}; ${wish} was requested${requestedAs === undefined ? "" : ` (${requestedAs})`}.`;
  }
  const when = fromStep === null ? "" : ` at step ${fromStep}`;
  return `${of} was ${seen} to change from ${settingWords(before ?? null)} to ${settingWords(value)}${when}${place}.`;
}
