import { join } from "node:path";
import { fractions } from "../dataset.js";
import { exists } from "../files.js";
import type { ImageFacts, ImageLoader } from "../image-source.js";
import { imageFolders } from "./image-folders.js";

export const sdnet2018Facts: ImageFacts = {
  name: "sdnet2018",
  title: "SDNET2018",
  description:
    "56,092 images of 256 × 256 pixels of concrete bridge decks, walls and pavements, cracked (8,484, the positive class) or not, cut out of 230 photographs. Images of one photograph belong together: split by groupBy photo.",
  citation:
    "Maguire, M., Dorafshan, S., & Thomas, R. J. (2018). SDNET2018: A concrete crack image dataset for machine learning applications. Utah State University. https://doi.org/10.15142/T3TD19",
  license: "CC BY 4.0",
  classes: ["uncracked", "cracked"],
  positiveClass: 1,
  groups: ["photo", "surface"],
  cases: 56_092,
  defaultSplit: { ...fractions(0.7, 0.15, 0.15), groupBy: "photo" },
};

/** Folder of a surface, its folders of uncracked and cracked images: as published, and as often passed on. */
const layouts = [
  [
    ["D", "UD", "CD"],
    ["P", "UP", "CP"],
    ["W", "UW", "CW"],
  ],
  [
    ["Decks", "Non-cracked", "Cracked"],
    ["Pavements", "Non-cracked", "Cracked"],
    ["Walls", "Non-cracked", "Cracked"],
  ],
] as const;

/** SDNET2018. A file's name is the number of its photograph, a hyphen, and its place in it: `7001-12.jpg`. */
export function sdnet2018(root: string): ImageLoader {
  const places = [join(root, "sdnet2018"), join(root, "sdnet2018", "SDNET2018"), join(root, "SDNET2018")];
  const layoutOf = async (folder: string) => {
    for (const layout of layouts) if (await exists(join(folder, layout[0][0], layout[0][1]))) return layout;
    return null;
  };
  return imageFolders({
    reading: "sdnet2018 1",
    async find() {
      for (const place of places) if (await layoutOf(place)) return place;
      return null;
    },
    hint: `Get SDNET2018.zip from https://digitalcommons.usu.edu/all_datasets/48/ and unpack it into ${join(root, "sdnet2018")}, so that its folders D, P and W lie there.`,
    classes: sdnet2018Facts.classes,
    positiveClass: 1,
    nativeSize: 256,
    async folders(folder) {
      const layout = (await layoutOf(folder)) ?? layouts[0];
      return layout.flatMap(([surface, uncracked, cracked]) => [
        { path: `${surface}/${uncracked}`, label: 0 },
        { path: `${surface}/${cracked}`, label: 1 },
      ]);
    },
    groups: {
      photo: (path) => {
        const [surface = "", , file = ""] = path.split("/");
        const photo = /^(\d+)-\d+\./.exec(file)?.[1];
        return photo === undefined ? "" : `${surface[0]}${photo}`;
      },
      surface: (path) => path[0] ?? "",
    },
  });
}
