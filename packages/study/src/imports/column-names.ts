import { nameWords } from "@reprise/contracts";
import { isSeedName } from "../design/seed-names.js";

// What the name of a parameter says by itself. Names are of whoever wrote the training program, so each list holds words,
// not whole names, and what is concluded from them is a proposal.

const partsOf = (name: string) => name.split(/[./:[\]]+/).filter((part) => part !== "");
const wordless = new Set(["name", "type", "kind", "target", "cls", "class"]);

/** The words that say what a column is: those of its last part, or of the part before where the last is `name`, `type` or `_target_`. */
function tellingWords(name: string): string[] {
  const parts = partsOf(name);
  const last = nameWords(parts.at(-1) ?? name);
  const isEmpty = last.length === 1 && wordless.has(last[0] ?? "");
  return isEmpty && parts.length > 1 ? nameWords(parts.at(-2) ?? "") : last;
}

const joined = (name: string) => tellingWords(name).join("");

/** Counts of seeds, switches and files are no seeds. */
const noSeed =
  /^(num|n|number|count|max|min|use|set|has|is)seeds?|seeds?(count|number|list|file|path|mode)$|seeded|seeding/;
const shortSeeds = new Set(["rngstate", "randstate", "rng", "rngkey", "prngkey", "prng", "rs", "sd", "s"]);

/**
 * How much a name sounds like the seed of a run: 3 for `seed` and `random_state`, 2 for names that hold the word such as
 * `data_seed`, 1 for abbreviations, 0 for anything else.
 */
export function seedLikeness(name: string): 0 | 1 | 2 | 3 {
  const text = joined(name);
  if (noSeed.test(text)) return 0;
  if (isSeedName(partsOf(name).at(-1) ?? name) || text === "randomstate") return 3;
  if (text.includes("seed")) return 2;
  return shortSeeds.has(text) ? 1 : 0;
}

/** `deterministic` where a true value fixes the execution, `free` where it frees it, `named` where the values are names of arms. */
export type ArmPolarity = "deterministic" | "free" | "named";

const namesOfArms = ["arm", "executionmode", "execution", "execmode", "summationorder", "reductionorder"];

/** Whether a name is of a setting of execution; null where it is not. */
export function armPolarity(name: string): ArmPolarity | null {
  const text = joined(name);
  if (/nondetermin|nondet/.test(text)) return "free";
  if (/determin|reproducib|bitwise|bitexact/.test(text)) return "deterministic";
  if (["det", "strict", "fixedorder"].includes(text)) return "deterministic";
  if (/(cudnn|^)benchmark$|autotune|allowtf32|atomicadd/.test(text)) return "free";
  return namesOfArms.includes(text) ? "named" : null;
}

const identities = new Set(
  `id ids uuid guid uid job jobid pid ppid slurm array pod host hostname node nodename nodelist machine server cluster user
  username login email ip port rank worker dir directory folder path paths file filename files outdir output outputs logdir logs
  log savedir save workdir cwd home url uri checkpoint checkpoints ckpt ckpts time times timestamp date datetime created started
  launched note notes comment comments description memo tags commit sha hash revision branch gpu gpus device devices
  runname expname experimentname experiment exp project entity run`.split(/\s+/),
);
/** Words that end like an identity and are settings. */
const settings =
  /^(timesteps?|maxtime|warmuptime|log|logstd|usecheckpoint|gradientcheckpoint|activationcheckpoint|numgpus?|ngpus?|numdevices)$/;
const bareNames = new Set(["name", "runname", "key", "studykey", "runkey", "label", "version"]);

/** Whether a name is of what tells which run it is, where and when it ran or wrote. */
export function isIdentityName(name: string): boolean {
  const words = tellingWords(name);
  const text = words.join("");
  return !settings.test(text) && (identities.has(words.at(-1) ?? "") || identities.has(text));
}

/** Whether a name would tell which run it is if every run had a value of its own. */
export const isBareName = (name: string): boolean => bareNames.has(joined(name));

const namesOfRepeats = new Set(
  "repeat repeats rep replicate replica repetition repeatindex repetitionindex repeatid trialindex".split(
    " ",
  ),
);

/** Whether a name counts repeats of one setting. */
export const isRepeatName = (name: string): boolean => namesOfRepeats.has(joined(name));

/** Hyperparameters that stay in the configuration even where another one says the same. */
const core: readonly (readonly string[])[] = [
  ["optimizer", "optim", "opt", "optimiser", "solver"],
  ["model", "arch", "architecture", "backbone", "network", "net", "modelname"],
  ["lr", "learningrate", "baselr", "initlr", "maxlr", "eta"],
  ["batchsize", "batch", "bs", "trainbatchsize", "perdevicetrainbatchsize", "minibatch"],
  ["epochs", "epoch", "maxepochs", "numepochs", "nepochs", "numtrainepochs", "maxsteps", "steps"],
  ["weightdecay", "wd"],
];

/** The place of a name among the hyperparameters that everybody reports; null for another. */
export function coreRank(name: string): number | null {
  const text = joined(name);
  const rank = core.findIndex((names) => names.includes(text));
  return rank < 0 ? null : rank;
}

const timing = new Set(
  `time runtime seconds second secs sec ms duration timestamp memory gpu system throughput fps speed`.split(
    " ",
  ),
);

/** Whether logged values of this name are of the machine or the clock: they differ between equal trainings. */
export const isTiming = (name: string): boolean => nameWords(name).some((word) => timing.has(word));
