import { importLimits } from "@reprise/contracts";
import { problem } from "../http/problems.js";

/** A place that a file cannot have. */
export const refusedPath = (path: string, message: string) =>
  problem("invalid-request", `The file ${JSON.stringify(path)} is refused: ${message}.`, {
    errors: [{ path: "path", message, value: path }],
  });

/** Bytes: more has no file of the usual file systems. */
const longestName = 255;

/** The parts of a place below a folder. @throws {ProblemError} for one that leads out of it, or is none */
export function safeParts(path: string): string[] {
  if (path.length > importLimits.pathLength) throw refusedPath(path.slice(0, 80), "its place is too long");
  const parts = path.replaceAll("\\", "/").split("/");
  if (parts.length > importLimits.pathDepth) throw refusedPath(path, "it lies too deep");
  for (const part of parts) {
    if (part === "" || part === "." || part === "..")
      throw refusedPath(path, "its place must lie below the folder that was chosen");
    if (Buffer.byteLength(part) > longestName)
      throw refusedPath(path.slice(0, 80), `a name in it is longer than ${longestName} bytes`);
    if (/[\0:]/.test(part)) throw refusedPath(path, "its place holds a character that a file cannot have");
  }
  return parts;
}
