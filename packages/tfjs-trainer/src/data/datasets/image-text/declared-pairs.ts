import { z } from "zod";
import type { DatasetSource } from "../dataset-source.js";
import type { ImageFacts } from "../image-source.js";
import { rowFile } from "../read-rows.js";
import { imageTextSource } from "./image-text-source.js";
import type { PairLoader } from "./pair-loader.js";
import { pairTable } from "./pair-table.js";
import { completedQuestions, zeroShotDeclaration } from "./questions.js";
import { expandBraces, webDataset } from "./web-dataset.js";

const text = z.string().min(1);
const rows = text.regex(rowFile, { error: "must end in .csv, .tsv or .parquet" });
const shard = text.regex(/\.tar$/, {
  error: "must end in .tar: members are read where they lie, so archives must not be compressed",
});

const common = {
  kind: z.literal("imageText"),
  zeroShot: zeroShotDeclaration,
  /** What happens to pairs that lack their image or caption. */
  incomplete: z.enum(["refuse", "leaveOut"]).default("refuse"),
};
const filter = z.record(text, z.array(z.string()).min(1)).default({});

/** The ways in which image-text pairs are stored. `about` is what declarations of every kind of images have. */
export const imageTextDeclaration = <About extends z.ZodRawShape>(about: About) =>
  z.discriminatedUnion("layout", [
    z.strictObject({
      ...about,
      ...common,
      layout: z.literal("table"),
      file: rows,
      /** Column with the path of the image. */
      image: text,
      caption: text,
      /** Folder that the paths are relative to; without it, that of the data set. */
      images: z.string().default(""),
      /** Columns with a group each. */
      groups: z.array(text).default([]),
      /** Column with the published part: train, val or test. */
      part: text.nullable().default(null),
      /** By column, the values of rows that are wanted. */
      only: filter,
    }),
    z.strictObject({
      ...about,
      ...common,
      layout: z.literal("quilt-1m"),
      file: rows.default("quilt_1M_lookup.csv"),
      images: z.string().default("quilt_1m"),
      only: filter,
    }),
    z.strictObject({
      ...about,
      ...common,
      layout: z.literal("webdataset"),
      shards: z.union([shard, z.array(shard).min(1)]),
      caption: z.enum(["txt", "json"]).default("txt"),
      captionField: text.default("caption"),
      /** By grouping, a regular expression on a sample's key, whose first bracket is the group. */
      groups: z.record(text, text).default({}),
    }),
  ]);

export type ImageTextDeclaration = z.infer<ReturnType<typeof imageTextDeclaration<Record<never, never>>>> & {
  imageSize?: number | undefined;
  channels: 1 | 3;
};

/** Frames of a video are called <video>_image_<number>; images of other sources are groups of their own. */
const videoOf = (path: string) => /([^/]+?)_image_[^/]*$/.exec(path)?.[1] ?? path;

/** A declared set of pairs. Throws an error saying what is wrong with a declaration. */
export function declaredPairs(
  facts: Omit<ImageFacts, "groups" | "classes" | "positiveClass">,
  { folder, declared, cache }: { folder: string; declared: ImageTextDeclaration; cache: string | null },
): DatasetSource {
  const { loader, groups } = loaderOf(folder, declared);
  return imageTextSource(
    { ...facts, classes: [], positiveClass: null, groups: [...groups, "image"] },
    {
      loader,
      imageSize: declared.imageSize ?? null,
      channels: declared.channels,
      questions: completedQuestions(declared.zeroShot),
    },
    cache,
  );
}

function loaderOf(folder: string, declared: ImageTextDeclaration): { loader: PairLoader; groups: string[] } {
  const { incomplete } = declared;
  switch (declared.layout) {
    case "table": {
      const hint = `Put ${declared.file} into ${folder}, and the images that it names ${declared.images === "" ? "beside it" : `into its folder ${declared.images}`}.`;
      return {
        loader: pairTable({ ...declared, folder, derived: {}, hint }),
        groups: declared.groups,
      };
    }
    case "quilt-1m": {
      const { file, images, only } = declared;
      return {
        // Columns as in the published quilt_1M_lookup.csv: caption, image_path, subset, split, pathology, …
        loader: pairTable({
          folder,
          file,
          images,
          only,
          incomplete,
          image: "image_path",
          caption: "caption",
          groups: ["subset"],
          part: "split",
          derived: { video: videoOf },
          hint: `Ask for access to QUILT-1M (https://github.com/wisdomikezogwo/quilt1m), put ${file} into ${folder} and unpack the archives of images there, so that the images lie in ${images}.`,
        }),
        groups: ["subset", "video"],
      };
    }
    case "webdataset": {
      const { caption, captionField } = declared;
      const groups = Object.entries(declared.groups);
      const expressions = Object.fromEntries(groups.map(([name, pattern]) => [name, new RegExp(pattern)]));
      const shards = [declared.shards].flat().flatMap(expandBraces);
      return {
        loader: webDataset({ folder, shards, caption, captionField, groups: expressions, incomplete }),
        groups: Object.keys(expressions),
      };
    }
  }
}
