import { join } from "node:path";
import { fractions } from "../dataset.js";
import { exists } from "../files.js";
import type { ImageFacts, ImageLoader } from "../image-source.js";
import { imageFolders } from "./image-folders.js";

/** Class and folder. */
const lung = [
  ["lung benign", "lung_image_sets/lung_n"],
  ["lung adenocarcinoma", "lung_image_sets/lung_aca"],
  ["lung squamous cell carcinoma", "lung_image_sets/lung_scc"],
] as const;
const colon = [
  ["colon benign", "colon_image_sets/colon_n"],
  ["colon adenocarcinoma", "colon_image_sets/colon_aca"],
] as const;

/** The whole set and its two organs, which studies report apart. */
const lc25000Variants = {
  lc25000: { folders: [...colon, ...lung], positiveClass: null, organ: "lung and colon", cases: 25_000 },
  "lc25000-lung": { folders: [...lung], positiveClass: null, organ: "lung", cases: 15_000 },
  "lc25000-colon": { folders: [...colon], positiveClass: 1, organ: "colon", cases: 10_000 },
} as const;
export type Lc25000Name = keyof typeof lc25000Variants;

export function lc25000Facts(name: Lc25000Name): ImageFacts {
  const { folders, positiveClass, organ, cases } = lc25000Variants[name];
  const positive = positiveClass === null ? "" : "; adenocarcinoma is the positive class";
  return {
    name,
    title: `LC25000, ${organ}`,
    description: `${cases} histopathology images of ${organ} tissue, 768 × 768 pixels, 5,000 of each class${positive}. They were made from 1,250 photographs by rotating and flipping, and nothing tells which belong together: a random split puts copies of one photograph into training and test parts, and figures on it are too good.`,
    citation:
      "Borkowski, A. A., Bui, M. M., Thomas, L. B., Wilson, C. P., DeLand, L. A., & Mastorides, S. M. (2019). Lung and colon cancer histopathological image dataset (LC25000). arXiv:1912.12142.",
    license: "as stated at its source",
    classes: folders.map(([label]) => label),
    positiveClass,
    groups: [],
    cases,
    defaultSplit: fractions(0.6, 0.2, 0.2),
  };
}

/** LC25000 as unpacked: `lung_colon_image_set/colon_image_sets/colon_aca/colonca1.jpeg`. */
export function lc25000(root: string, name: Lc25000Name): ImageLoader {
  const { folders, positiveClass } = lc25000Variants[name];
  const places = [
    join(root, "lc25000"),
    join(root, "lc25000", "lung_colon_image_set"),
    join(root, "lung_colon_image_set"),
  ];
  return imageFolders({
    reading: `${name} 1`,
    async find() {
      for (const place of places) if (await exists(join(place, folders[0][1]))) return place;
      return null;
    },
    hint: `Get LC25000.zip (links at https://github.com/tampapath/lung_colon_image_set) and unpack it into ${join(root, "lc25000")}, so that its folders lung_image_sets and colon_image_sets lie there.`,
    classes: folders.map(([label]) => label),
    positiveClass,
    nativeSize: 768,
    folders: async () => folders.map(([, path], label) => ({ path, label })),
    remarks: [
      "LC25000 holds turned and mirrored copies of the same photographs without telling which: training and test parts share photographs.",
    ],
  });
}
