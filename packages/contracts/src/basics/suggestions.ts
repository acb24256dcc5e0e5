import { closest, distance } from "fastest-levenshtein";

/**
 * Names that different libraries have for one hyperparameter, in lower case without signs; of several that are known, the first
 * counts.
 */
const synonyms: readonly (readonly string[])[] = [
  [
    "learningrate",
    "lr",
    "baselr",
    "initlr",
    "initiallr",
    "lr0",
    "maxlr",
    "peaklr",
    "initiallearningrate",
    "stepsize",
    "eta",
  ],
  [
    "batchsize",
    "bs",
    "batch",
    "minibatchsize",
    "trainbatchsize",
    "perdevicetrainbatchsize",
    "batchsizeperrank",
  ],
  ["epochs", "epoch", "numepochs", "nepochs", "maxepochs", "numtrainepochs", "trainingepochs"],
  ["weightdecay", "wd", "decay", "l2", "l2reg"],
  ["optimizer", "optimiser", "optim", "opt", "solver"],
  ["model", "arch", "architecture", "network", "net", "backbone", "modelname"],
  ["scheduler", "schedule", "lrscheduler", "lrschedule", "lrpolicy", "lrschedulertype"],
  ["warmupsteps", "warmup", "numwarmupsteps", "warmupiters"],
  ["hiddenunits", "hidden", "hiddensize", "hiddensizes", "hiddendims", "hiddenlayersizes", "units"],
  ["dropout", "dropoutrate", "droprate", "pdrop", "dropoutp"],
  ["batchnorm", "bn", "usebn", "usebatchnorm", "batchnormalization", "batchnormalisation"],
  ["clipnorm", "gradclip", "clipgrad", "clipgradnorm", "gradclipnorm", "maxgradnorm", "gradientclipping"],
  ["imagesize", "imgsize", "imgsz", "inputsize", "resolution"],
  ["beta1", "adambeta1"],
  ["beta2", "adambeta2"],
  ["epsilon", "eps", "adameps", "adamepsilon"],
  ["embeddim", "embeddingdim", "embeddingsize"],
  ["contextlength", "maxlength", "maxseqlen", "maxseqlength"],
];

const plain = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");

/** Whether libraries know a hyperparameter by this name. */
export const isHyperparameterName = (name: string): boolean =>
  synonyms.some((group) => group.includes(plain(name)));

/** The known name that differs by letters' case and signs only (learning_rate), or that means the same (lr). */
function sameMeaning(name: string, known: readonly string[]): string | undefined {
  const spelt = plain(name);
  const meaning = [spelt, ...(synonyms.find((group) => group.includes(spelt)) ?? [])];
  return meaning
    .filter((word) => word !== "")
    .map((word) => known.find((candidate) => plain(candidate) === word))
    .find((found) => found !== undefined);
}

/** Nothing that is known has so many letters; to compare a megabyte with each of them would take a second. */
const longestName = 500;

/** The known name nearest to a mistyped one, or null when none is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (known.length === 0 || name.length > longestName) return null;
  const same = sameMeaning(name, known);
  if (same !== undefined) return same;
  const best = closest(name, known);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(best.length / 2))
    ? best
    : null;
}

/** " Did you mean "x"?" or the list of what is known, for the end of an error message. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  if (near) return `Did you mean "${near}"?`;
  const shown = known.slice(0, 12).join(", ");
  return known.length === 0 ? "None is known." : `Known: ${shown}${known.length > 12 ? ", …" : ""}.`;
}
