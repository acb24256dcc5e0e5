import { split } from "@reprise/contracts";
import { z } from "zod";
import { imageTextDeclaration } from "./image-text/declared-pairs.js";

/** File by which a folder below `REPRISE_DATA` becomes a data set of the folder's name. JSON is YAML, too. */
export const declarationFile = "dataset.yaml";
export const declarationFiles = [declarationFile, "dataset.yml", "dataset.json"];
export const declarationHint =
  "kind: imageFolder (one folder of images per class), imageTable (a table that names images and labels), table (a table of numbers) or imageText (images with captions); docs/datasets.md shows each.";

const side = z.int().min(1).max(4096);
const texts = z.array(z.string().min(1));

const described = {
  title: z.string().min(1).optional(),
  description: z.string().default(""),
  citation: z.string().default(""),
  license: z.string().default(""),
  split: split.optional(),
};
const about = {
  ...described,
  /** Class that sensitivity and specificity are about; null for none. Must be said for two classes. */
  positiveClass: z.string().nullable().optional(),
};
const sized = {
  /** Side in pixels to which images are brought unless a run asks for another. */
  imageSize: side.optional(),
  /** 3: red, green, blue; 1: grey. */
  channels: z.literal([1, 3], "must be 1 (grey) or 3 (red, green, blue)").default(3),
};
const images = { ...about, ...sized };

/** A declaration: what a folder holds, told once. */
export const declaration = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("imageFolder"),
    ...images,
    /** Class names in the order of their labels, with the folder of each; without them, every folder is a class. */
    classes: z.union([texts.min(2), z.record(z.string().min(1), z.string().min(1))]).optional(),
    /** By grouping, a regular expression on an image's path, whose first bracket is the group. */
    groups: z.record(z.string().min(1), z.string().min(1)).default({}),
  }),
  z.strictObject({
    kind: z.literal("imageTable"),
    ...images,
    file: z.string().min(1),
    /** Column with the path of the image, relative to the data set's folder. */
    image: z.string().min(1),
    label: z.string().min(1),
    classes: texts.min(2),
    /** Columns with a group each. */
    groups: texts.default([]),
    /** Columns by which results are shown apart. */
    subgroups: texts.default([]),
  }),
  z.strictObject({
    kind: z.literal("table"),
    ...about,
    file: z.string().min(1),
    label: z.string().min(1),
    classes: texts.min(2),
    groups: texts.default([]),
    /** Columns by which results are shown apart; they are no features. */
    subgroups: texts.default([]),
    /** Columns that are no features. */
    ignore: texts.default([]),
    /** Columns of names, each a feature of 0 and 1 per listed value. */
    categories: z.record(z.string().min(1), texts.min(2)).default({}),
  }),
  imageTextDeclaration({ ...described, ...sized }),
]);
export type Declaration = z.infer<typeof declaration>;
export type TableDeclaration = Extract<Declaration, { kind: "table" }>;
export type ImageTableDeclaration = Extract<Declaration, { kind: "imageTable" }>;
