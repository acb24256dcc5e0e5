import { join } from "node:path";
import { userError } from "../../../program/errors.js";
import { decodeImageFiles } from "../decode-images.js";
import { exists, filesBelow, imageFile } from "../files.js";
import type { ImageLoader } from "../image-source.js";

/** A folder of images that all have one class. */
export type ClassFolder = {
  /** Relative to the set's folder, with `/`. */
  path: string;
  label: number;
};

/**
 * Images in folders, where the folder tells the class. Case names are the paths.
 * @throws user error when a folder holds no image
 */
export function imageFolders(options: {
  reading: string;
  /** The folder of the set; null while it is not there. */
  find: () => Promise<string | null>;
  /** What to get and where to put it. */
  hint: string;
  classes: string[];
  positiveClass: number | null;
  folders: (folder: string) => Promise<ClassFolder[]>;
  nativeSize: number | null;
  channels?: 1 | 3;
  /** By grouping, the group that an image's path tells; an empty text is refused. */
  groups?: Record<string, (path: string) => string>;
  remarks?: string[];
}): ImageLoader {
  const { classes, positiveClass, hint, nativeSize, channels = 3, groups = {} } = options;
  return {
    reading: options.reading,
    channels,
    nativeSize,
    absence: async () => ((await options.find()) === null ? hint : null),
    async locate() {
      const folder = await options.find();
      if (folder === null) throw userError("The folder of the data set is not here.", hint);
      const files: string[] = [];
      for (const { path } of await options.folders(folder)) {
        if (!(await exists(join(folder, path))))
          throw userError(`Folder ${join(folder, path)} is missing.`, hint);
        const inside = await filesBelow(join(folder, path), imageFile);
        if (inside.length === 0) throw userError(`Folder ${join(folder, path)} holds no image.`, hint);
        for (const file of inside) files.push(`${path}/${file}`);
      }
      return { folder, files };
    },
    async list({ folder, files }) {
      const folders = await options.folders(folder);
      const labels = Int32Array.from(files, (file) => {
        const home = folders.find(({ path }) => file.startsWith(`${path}/`));
        return home?.label ?? -1;
      });
      return {
        classes,
        positiveClass,
        labels,
        names: [...files],
        groups: Object.fromEntries(
          Object.entries(groups).map(([name, groupOf]) => [
            name,
            files.map((file) => groupIn(file, name, groupOf)),
          ]),
        ),
        publishedParts: null,
        remarks: options.remarks ?? [],
        decode: (ids, to) =>
          decodeImageFiles(
            folder,
            Array.from(ids, (id) => files[id] ?? ""),
            to,
          ),
      };
    },
  };
}

function groupIn(file: string, grouping: string, groupOf: (path: string) => string): string {
  const group = groupOf(file);
  if (group === "")
    throw userError(
      `The name of ${file} does not give its ${grouping}.`,
      "Give the image its original name, or split without groupBy.",
    );
  return group;
}
