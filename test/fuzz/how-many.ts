/** Variable that says how many requests are sent. */
export const fuzzRequests = "REPRISE_FUZZ_REQUESTS";
/** Variable that holds the seed by which requests are drawn; a new one each time where it is not set. */
export const fuzzSeed = "REPRISE_FUZZ_SEED";
