import { openAsBlob } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import {
  didYouMean,
  type ForeignFormat,
  type ForeignRuns,
  fieldErrorLine,
  foreignFormats,
  type ImportDecisions,
  type ImportFacts,
  type ImportProposal,
  importDecisions,
  parseWith,
  sweep as sweepSchema,
} from "@reprise/contracts";
import { readForeignRuns, UnreadableSource } from "@reprise/importers";
import { factsOf, inferDesign, UnknownColumnError } from "@reprise/study";
import { type Command, Option } from "commander";
import { parse } from "yaml";
import { counted } from "../counted.js";
import { unreadable } from "../file-error.js";
import { connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { sweepIdOf } from "../server/find-sweep.js";
import { askDecisions } from "../studies/ask-decisions.js";
import { foreignJson, previewLines } from "../studies/print-foreign-runs.js";
import { answerLines, proposalLines } from "../studies/print-proposal.js";
import { sendRuns } from "../studies/send-runs.js";
import { UserError } from "../user-error.js";

type ImportOptions = ServerOptions & {
  as?: ForeignFormat;
  map?: string;
  yes?: boolean;
  into?: string;
  name?: string;
  dryRun?: boolean;
  json?: boolean;
  full?: boolean;
};

/** Whether a path is an archive, by its first bytes. @throws {UserError} */
async function isArchive(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return false;
    const file = await open(path, "r");
    try {
      const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.toString("latin1") === "PK\u0003\u0004";
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function importCrate(path: string, options: ServerOptions): Promise<void> {
  const url = findEndpoint(options);
  // Read from the disk as it is sent.
  const file = await openAsBlob(path, { type: "application/zip" });
  const { id, name, totalRuns } = await connectApi(url).upload("/sweeps/import", file, sweepSchema);
  console.log(`${name}: ${counted(totalRuns, "run")} read in, ${url}/sweeps/${id}`);
}

/** @throws {UserError} */
async function readRuns(path: string, as: ForeignFormat | undefined): Promise<ForeignRuns> {
  try {
    return await readForeignRuns(path, { as });
  } catch (error) {
    throw error instanceof UnreadableSource ? new UserError(error.message) : error;
  }
}

const factsOfRead = ({ runs, ...head }: ForeignRuns): ImportFacts => ({ ...head, runs: runs.map(factsOf) });

/** The design that is proposed, or follows from the decisions. @throws {UserError} for a column that is not there */
function proposalOf(facts: ImportFacts, decisions: ImportDecisions): ImportProposal {
  try {
    return inferDesign(facts, decisions).proposal;
  } catch (error) {
    if (!(error instanceof UnknownColumnError)) throw error;
    const { field, column, known } = error;
    throw new UserError(
      `${field}: there is no column ${JSON.stringify(column)}. ${didYouMean(column, known) ?? ""}`.trim(),
    );
  }
}

/** Decisions as a file has them, in YAML or JSON. @throws {UserError} naming every wrong field */
async function decisionsIn(path: string): Promise<ImportDecisions> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const parsed = parseWith(importDecisions, parse(text) ?? {});
  if (parsed.ok) return parsed.value;
  throw new UserError(parsed.errors.map((error) => `${path}: ${fieldErrorLine(error)}`).join("\n"));
}

/** What was decided: in a file, on the terminal, or as proposed. @throws {UserError} where nobody can be asked */
async function decide(facts: ImportFacts, options: ImportOptions): Promise<ImportDecisions> {
  const named = options.name === undefined ? {} : { name: options.name };
  if (options.map !== undefined) return { ...(await decisionsIn(options.map)), ...named };
  if (options.yes) return named;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UserError(
      "This terminal is not interactive: answer the questions in a file with --map, or accept what is proposed with --yes. Nothing was written.",
    );
  }
  return askDecisions(proposalOf(facts, named), named);
}

async function importRuns(read: ForeignRuns, options: ImportOptions): Promise<void> {
  const facts = factsOfRead(read);
  for (const line of proposalLines(proposalOf(facts, {}))) console.log(line);
  const decisions = await decide(facts, options);
  proposalOf(facts, decisions);
  const url = findEndpoint(options);
  const api = connectApi(url);
  const into =
    options.into === undefined || options.into === "new" ? options.into : await sweepIdOf(api, options.into);
  const remote = await sendRuns(api, read);
  try {
    const answer = await remote.write({ decisions, into });
    if (options.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
    else for (const line of answerLines(answer, url)) console.log(line);
  } finally {
    await remote.discard();
  }
}

export function importCommand(command: Command): void {
  withServer(command)
    .addOption(
      new Option("--as <format>", "what wrote the files; default: by their content").choices([
        ...foreignFormats,
      ]),
    )
    .option("--map <file>", "answers to the questions, in YAML: seed, arm, configuration, metric, …")
    .option("--yes", "take the design as it is proposed")
    .option(
      "--into <study>",
      "a study that was imported before, by id or name, or new; default: the one with these runs",
    )
    .option("--name <name>", "name of the study")
    .option("--dry-run", "read and show; nothing is written, and no server is needed")
    .option("--json", "print what was read, or written, as JSON")
    .option("--full", "with --dry-run --json: every point of every history")
    .action(async (path: string, options: ImportOptions) => {
      if (options.full && !options.json) throw new UserError("--full belongs to --json");
      if (!options.dryRun && options.as === undefined && (await isArchive(path)))
        return importCrate(path, options);
      const read = await readRuns(path, options.as);
      if (!options.json) for (const line of previewLines(read)) console.log(line);
      if (!options.dryRun) return importRuns(read, options);
      const facts = factsOfRead(read);
      const proposal = proposalOf(facts, options.map === undefined ? {} : await decisionsIn(options.map));
      if (options.json) {
        for (const part of foreignJson(read, options.full ?? false, proposal)) process.stdout.write(part);
      } else for (const line of proposalLines(proposal)) console.log(line);
    });
}
