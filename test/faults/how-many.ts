/** Variable that says whether `all` hundred faults are planted, or the sample of every test run. */
export const plantedFaults = "REPRISE_PLANTED_FAULTS";
/** Variable that holds the seed by which faults are drawn; a new one each time where it is not set. */
export const plantedFaultsSeed = "REPRISE_PLANTED_FAULTS_SEED";
/** Variable that holds the first seed of the schedules of faults; a new one each time where it is not set. */
export const campaignSeed = "REPRISE_FAULTS_SEED";
