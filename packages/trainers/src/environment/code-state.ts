import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { capture } from "../capture.js";
import { commandWords, type TrainerCommand } from "../trainer-command.js";
import { type EnvironmentValues, sha256 } from "./machine.js";

const lockFiles = [
  "pnpm-lock.yaml",
  "package-lock.json",
  "yarn.lock",
  "uv.lock",
  "poetry.lock",
  "Pipfile.lock",
  "conda-lock.yml",
  "requirements.txt",
];
/** Beyond these, untracked files enter the digest by name and size only. */
const hashedFileBytes = 1024 * 1024;
const hashedFiles = 200;

/** The files among a command's words: usually the one script that is run. */
function programFiles(command: TrainerCommand): string[] {
  const base = command.workingDirectory ?? process.cwd();
  const words = commandWords(command).filter((word) => /[/\\.]/.test(word));
  return words.map((word) => (isAbsolute(word) ? word : resolve(base, word))).filter(isScript);
}

function isScript(path: string): boolean {
  return /\.(c|m)?(j|t)sx?$|\.py$|\.sh$|\.R$|\.jl$|\.lua$/.test(path) && existsSync(path);
}

/** The code a trainer runs: digest of its script, nearest lock file, and state of the git folder it lies in. */
export async function codeValues(command: TrainerCommand): Promise<EnvironmentValues> {
  const files = programFiles(command);
  const folder = command.workingDirectory ?? (files[0] ? dirname(files[0]) : null);
  const digests = await Promise.all(files.map(async (file) => sha256(await readFile(file))));
  const values: EnvironmentValues = {
    "code.files":
      digests.length > 0 ? (digests.length === 1 ? (digests[0] ?? null) : sha256(digests.join())) : null,
  };
  if (!folder || !existsSync(folder)) return values;
  return { ...values, "code.lock": await lockDigest(folder), ...(await gitValues(folder)) };
}

/** Name and SHA-256 of the nearest lock file in a folder or above it. */
async function lockDigest(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    for (const name of lockFiles) {
      const path = join(at, name);
      if (existsSync(path)) return `${name} ${sha256(await readFile(path))}`;
    }
    if (dirname(at) === at) return null;
  }
}

async function gitValues(folder: string): Promise<EnvironmentValues> {
  const git = (...args: string[]) =>
    capture("git", ["-C", folder, ...args], { timeoutMs: 5_000, maxBytes: 32 * 1024 * 1024 });
  // One program for the usual case, that nothing has changed: every run pays for it.
  const status = await git(
    "--no-optional-locks",
    "status",
    "--porcelain=v2",
    "--branch",
    "--untracked-files=all",
    "-z",
    "--",
    ".",
  );
  const entries = status.stdout.split("\0").filter(Boolean);
  const commit = entries.map((entry) => /^# branch\.oid ([0-9a-f]+)$/.exec(entry)?.[1]).find(Boolean);
  if (!status.failure && commit && entries.every((entry) => entry.startsWith("# ")))
    return { "code.commit": commit, "code.dirty": false };
  const [head, diff, untracked] = await Promise.all([
    git("rev-parse", "HEAD"),
    git("diff", "--no-ext-diff", "--binary", "HEAD", "--", "."),
    git("ls-files", "--others", "--exclude-standard", "-z", "--", "."),
  ]);
  if (head.failure) return { "code.commit": null, "code.dirty": null };
  if (diff.failure || untracked.failure) {
    return { "code.commit": head.stdout.trim(), "code.dirty": "unknown (too slow or too large)" };
  }
  const names = untracked.stdout.split("\0").filter(Boolean).sort();
  const contents = await Promise.all(names.map((name, at) => fileMark(join(folder, name), at < hashedFiles)));
  const clean = diff.stdout === "" && names.length === 0;
  return {
    "code.commit": head.stdout.trim(),
    "code.dirty": clean ? false : sha256([diff.stdout, ...names, ...contents].join("\0")),
  };
}

async function fileMark(path: string, hash: boolean): Promise<string> {
  try {
    const { size } = await stat(path);
    return hash && size <= hashedFileBytes ? sha256(await readFile(path)) : `${size} bytes`;
  } catch {
    return "unreadable";
  }
}
