import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** The commit that is measured, shortened; with a plus where files were changed since. */
function commit(): string {
  try {
    const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8" }).trim();
    return `commit ${git("rev-parse", "--short=8", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`;
  } catch {
    return "no commit";
  }
}

/** Day, machine, load and commit, as they stand above figures: a figure without them says nothing. */
export const measuredHere = (): string =>
  [
    new Date().toISOString().slice(0, 10),
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() || "a processor without a name"}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform === "linux" ? "Linux" : process.platform}, Node ${process.versions.node}`,
    `load ${loadavg()[0]?.toFixed(1)}`,
    commit(),
  ].join(", ");
