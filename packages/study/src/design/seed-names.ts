const names = [
  "seed",
  "seeds",
  "randomseed",
  "rngseed",
  "globalseed",
  "manualseed",
  "randomstate",
  "npseed",
  "torchseed",
];

/** Whether a hyperparameter of this name would be the seed of a run, however it is spelt. */
export const isSeedName = (name: string): boolean =>
  names.includes(name.toLowerCase().replaceAll(/[^a-z]/g, ""));
