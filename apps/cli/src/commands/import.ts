import { openAsBlob } from "node:fs";
import { open, stat } from "node:fs/promises";
import {
  type ForeignFormat,
  type ForeignRuns,
  foreignFormats,
  sweep as sweepSchema,
} from "@reprise/contracts";
import { readForeignRuns, UnreadableSource } from "@reprise/importers";
import { type Command, Option } from "commander";
import { counted } from "../counted.js";
import { unreadable } from "../file-error.js";
import { connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { foreignJson, previewLines } from "../studies/print-foreign-runs.js";
import { UserError } from "../user-error.js";

type ImportOptions = ServerOptions & { as?: ForeignFormat; dryRun?: boolean; json?: boolean; full?: boolean };

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

export function addImportCommand(program: Command): void {
  withServer(program.command("import <path>"))
    .description(
      "read runs that another program recorded (MLflow, W&B, TensorBoard and others: a folder or a file), or an archived study",
    )
    .addOption(
      new Option("--as <format>", "what wrote the files; default: by their content").choices([
        ...foreignFormats,
      ]),
    )
    .option("--dry-run", "read and show; nothing is written, and no server is needed")
    .option("--json", "print what was read as JSON")
    .option("--full", "with --json: every point of every history")
    .action(async (path: string, options: ImportOptions) => {
      if (options.full && !options.json) throw new UserError("--full belongs to --json");
      if (!options.dryRun && options.as === undefined && (await isArchive(path)))
        return importCrate(path, options);
      const read = await readRuns(path, options.as);
      if (options.json) {
        for (const part of foreignJson(read, options.full ?? false)) process.stdout.write(part);
      } else for (const line of previewLines(read)) console.log(line);
      if (!options.dryRun) throw new UserError("importing runs needs --dry-run for now: nothing was written");
    });
}
