/**
 * Nominal confidence at which intervals of Student's family are computed so that what is printed as a 95 % interval covers at
 * least 93 % also where values are skewed (log-normal, exponential) or heavy-tailed (t with three degrees of freedom) and few. For
 * normal values they cover more than they say. Chosen by the simulation whose figures stand in docs/validation.md.
 */
export const guardedConfidence = {
  /** One more run, of the same seed or of another one. */
  prediction: 0.99,
  /** One more run of a seed whose runs were made one after another: a run of another time differs by more than they show. */
  predictionOfListed: 0.995,
  /** Mean shift for new seeds, from one difference per seed. */
  newSeedShift: 0.98,
  /** Mean over seeds, or over the runs of one. */
  mean: 0.995,
  /** Share of a source in the variance, by the jackknife of {@link seedShareInterval}. */
  share: 0.995,
} as const;
