import { z } from "zod";
import { evaluatedSplit, hexDigest } from "../protocol/events.js";

/** One sheet of small pictures, served as a PNG at `/thumbnails/{key}`, and where each case is on it. */
export const thumbnails = z.strictObject({
  key: hexDigest,
  split: evaluatedSplit,
  /** Cells of a row; case `i` is in column `i % columns` of row `⌊i / columns⌋`. */
  columns: z.int(),
  /** Pixels of a cell. */
  width: z.int(),
  height: z.int(),
  ids: z.array(z.string()),
});
export type Thumbnails = z.infer<typeof thumbnails>;

/** Sheets of a run or a sweep that the server can hand out; empty for tables and where none are stored. */
export const thumbnailsList = z.strictObject({ items: z.array(thumbnails) });

export const thumbnailsParams = z.strictObject({ key: hexDigest });
