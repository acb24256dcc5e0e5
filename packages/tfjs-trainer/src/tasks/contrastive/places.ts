/** Pictures or texts that are encoded at a time in evaluation; fixed, so that results depend on nothing else. */
export const chunkSize = 64;

/** Chunks whose pictures are made ready before they are encoded, by as many threads; no result depends on it. */
export const chunksPerWindow = 8;

/** Places for pictures that are evaluated. */
export const windowRows = chunkSize * chunksPerWindow;

/**
 * Pictures that are decoded when their turn comes have places instead of all being in memory: two banks of a batch, of
 * which one is computed on while the next batch is decoded into the other, and one window of evaluation, which those of other
 * sets pass through as well. Where a picture lies is a
 * function of step and row, and its bytes of the case alone: threads change nothing.
 */
export const batchPlace = (step: number, row: number, batchSize: number) => (step % 2) * batchSize + row;
export const windowPlace = (row: number) => row % windowRows;
