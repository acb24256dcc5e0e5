import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { shortened } from "@reprise/contracts";

/** A trainer handed over what is not a file of its run: its own error, which another attempt would repeat. */
export class GuestFileError extends Error {
  override readonly name = "GuestFileError";
}

/**
 * Where the file is that a trainer hands over, in the folder of its run and nowhere else: what a path names or a link
 * points to outside was not for it to give away, as the artifact of a run that everybody may download.
 *
 * @param path absolute, or relative to the folder
 * @throws {GuestFileError} for a path outside, a link, what is no file, or nothing
 */
export async function guestFile(folder: string, path: string): Promise<string> {
  const refuse = (why: string): never => {
    throw new GuestFileError(
      `The trainer handed over ${shortened(path)}, which ${why}. It may hand over files that it wrote into the request's outputDirectory.`,
    );
  };
  const given = resolve(folder, path);
  const parent = await realpath(dirname(given)).catch(() => refuse("does not exist"));
  const inside = relative(await realpath(folder), parent);
  if (inside.split("/")[0] === ".." || isAbsolute(inside)) refuse("is outside the folder of its run");
  const file = join(parent, basename(given));
  const found = await lstat(file).catch(() => refuse("does not exist"));
  if (found.isSymbolicLink()) refuse("is a link");
  if (!found.isFile()) refuse("is not a file");
  return file;
}
