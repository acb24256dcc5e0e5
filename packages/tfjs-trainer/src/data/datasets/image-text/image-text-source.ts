import { userError } from "../../../program/errors.js";
import { cachedDigest, rememberDigest } from "../cache.js";
import type { DatasetSource } from "../dataset-source.js";
import { decoderVersion, type ImageShape } from "../decode-images.js";
import { byCodeUnit, contentDigest, stampOf } from "../files.js";
import { type ImageFacts, numbered } from "../image-source.js";
import type { PairLoader } from "./pair-loader.js";
import type { DeclaredQuestion } from "./pair-set.js";
import { pictureFiles } from "./picture-files.js";

/** A data set of images with captions. Only contrastive training can read it: it has no classes. */
export function imageTextSource(
  facts: ImageFacts,
  given: {
    loader: PairLoader;
    /** Side of the images unless a run asks for another; null: it must. */
    imageSize: number | null;
    channels: 1 | 3;
    questions: DeclaredQuestion[];
  },
  cache: string | null,
): DatasetSource {
  const { loader, channels, questions } = given;
  const { name, groups } = facts;
  return {
    facts: {
      ...facts,
      inputShape: given.imageSize === null ? [] : [given.imageSize, given.imageSize, channels],
    },
    absence: () => loader.absence(),
    digest: async () => null,
    read: () =>
      Promise.reject(
        userError(
          `Data set ${name} holds images with captions: there are no classes to tell apart.`,
          "Set task: contrastive.",
        ),
      ),
    pairs: {
      questions,
      async read({ imageSize, report, warn }) {
        const side = imageSize ?? given.imageSize;
        if (side === null) {
          throw userError(
            `The images of ${name} may have any size, and none was asked for.`,
            "Set the hyperparameter imageSize, for example 64, or imageSize in the declaration.",
          );
        }
        const { folder, files, pairs, publishedParts, remarks, missing } = await loader.list(report);
        if (pairs.length === 0) {
          throw userError(
            `Data set ${name} has no pairs.`,
            "A pair needs an image and a caption; docs/datasets.md shows how they are laid out.",
          );
        }
        files.sort(byCodeUnit);
        const { stamp, bytes } = await stampOf(folder, files, missing);
        let digest = await cachedDigest(cache, stamp);
        if (digest === null) {
          digest = await contentDigest(folder, files, { bytes, report });
          await rememberDigest(cache, stamp, digest).catch((error: unknown) =>
            warn(
              `The digest of ${name} cannot be kept for later runs: ${error instanceof Error ? error.message : error}. Set REPRISE_CACHE to a folder that can be written.`,
            ),
          );
        }
        const shape: ImageShape = [side, side, channels];
        return {
          name,
          cases: pairs.length,
          inputShape: [...shape],
          // To the split, all pairs are of one class.
          classes: ["pair"],
          labels: new Int32Array(pairs.length),
          groups: Object.fromEntries(
            groups.map((grouping, place) => [
              grouping,
              numbered(pairs.map((pair) => pair.groups[place] ?? "")),
            ]),
          ),
          publishedParts,
          captions: pairs.map(({ caption }) => caption),
          pictures: pictureFiles(folder, pairs, shape),
          digest,
          decoder: await decoderVersion(),
          remarks,
          questions,
        };
      },
    },
  };
}
