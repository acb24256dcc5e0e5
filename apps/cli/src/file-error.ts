import { UserError } from "./user-error.js";

const reasons: Record<string, string> = {
  ENOENT: "its folder does not exist",
  EISDIR: "it is a folder",
  ENOTDIR: "its folder is a file",
  EACCES: "this user may not write there",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** What to tell whoever named a file that could not be read. */
export function unreadable(path: string, error: unknown): UserError {
  const code = codeOf(error);
  if (code === "EISDIR") return new UserError(`${path} is a folder; name a file`);
  if (code === "ENOENT" || code === "ENOTDIR") return new UserError(`there is no file ${path}`);
  return new UserError(`cannot read ${path}${code === "" ? "" : ` (${code})`}`);
}

/** What to tell whoever named a file, as an argument or by an `option`, that could not be written; other errors as they are. */
export function unwritable(path: string, error: unknown, option?: string): unknown {
  const reason = reasons[codeOf(error)];
  const way = option === undefined ? "Name another file" : `Name another file with ${option}`;
  return reason === undefined ? error : new UserError(`cannot write ${path}: ${reason}. ${way}.`);
}
