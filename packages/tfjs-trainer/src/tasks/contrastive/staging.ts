import { openCachedPictures } from "../../data/datasets/cached-pictures.js";
import { imageAt } from "../../data/datasets/image-blocks.js";
import { createPictureDecoder } from "../../data/datasets/image-text/picture-files.js";
import type { ContrastiveMemory } from "./memory.js";
import { batchPlace, chunksPerWindow, windowPlace, windowRows } from "./places.js";
import type { ContrastivePlan } from "./plan.js";

export type Staging = {
  /** Resolves when the pictures of a step are in their places, and lets those of the next be decoded meanwhile. */
  batch(step: number, batchStart: number): Promise<void>;
  /** Chunks of an evaluation that can be encoded, a stretch after the other, when their pictures are in their places. */
  evaluation(chunks: number): AsyncGenerator<{ from: number; to: number }>;
};

/** For the coordinating thread. Decoding rejects with a user error naming the file. */
export async function createStaging(plan: ContrastivePlan, memory: ContrastiveMemory): Promise<Staging> {
  const { pictureFiles, hyper, stepsPerEpoch, evaluated } = plan;
  if (pictureFiles === null) {
    return {
      batch: () => Promise.resolve(),
      async *evaluation(chunks) {
        yield { from: 0, to: chunks };
      },
    };
  }
  const { batchSize } = hyper;
  const decode = await createPictureDecoder(pictureFiles);
  const sets = plan.sets.flatMap(({ first, images, cached }) =>
    cached === null ? [] : [{ first, end: first + images, read: openCachedPictures(cached) }],
  );
  let ahead: { step: number; ready: Promise<void> } | null = null;

  async function stage(step: number, batchStart: number): Promise<void> {
    const ids = memory.order.slice(batchStart, batchStart + batchSize);
    await Promise.all(
      Array.from(ids, (id, row) => decode(id, imageAt(memory.pictures, batchPlace(step, row, batchSize)))),
    );
  }

  /** Own cases are decoded, those of other sets read; what is in memory needs no place. */
  async function fillWindow(from: number, to: number): Promise<void> {
    const { cases } = evaluated;
    const target = (row: number) => imageAt(memory.window, windowPlace(row));
    const window = cases.slice(from, to);
    await Promise.all(Array.from(window, (id, i) => decode(id, target(from + i))));
    for (const { first, end, read } of sets)
      for (let row = Math.max(from, first); row < Math.min(to, end); row++) read(row - first, target(row));
  }

  return {
    async batch(step, batchStart) {
      await (ahead?.step === step ? ahead.ready : stage(step, batchStart));
      // The order of the next epoch is drawn when it begins.
      const isLast = (step + 1) % stepsPerEpoch === 0;
      ahead = isLast ? null : { step: step + 1, ready: stage(step + 1, batchStart + batchSize) };
      // A picture that cannot be decoded ends the run when its step has come.
      ahead?.ready.catch(() => {});
    },
    async *evaluation(chunks) {
      let from = 0;
      for (let row = 0; row < evaluated.images; row += windowRows) {
        await fillWindow(row, Math.min(evaluated.images, row + windowRows));
        const to = Math.min(chunks, from + chunksPerWindow);
        yield { from, to };
        from = to;
      }
      if (from < chunks) yield { from, to: chunks };
    },
  };
}
