import { type Sweep, sweep } from "@reprise/contracts";
import { type Database, ImportRefusedError, importStudy, importTimeoutMs } from "@reprise/database";
import { idempotently, type KeyedRequest } from "../http/idempotency.js";
import { problem } from "../http/problems.js";
import { checkEntries, readCrate } from "./read-crate.js";

/** An archive as it came, and the request that it came in. */
export type CrateTask = { bytes: Uint8Array; request: Omit<KeyedRequest, "body"> };

export type ImportedCrate = { body: Sweep; replayed: boolean };

const archiveOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Refuses an archive that nobody needs a thread for. @throws {ProblemError} */
export const checkArchive = (bytes: Uint8Array): Promise<void> => checkEntries(archiveOf(bytes));

/**
 * Checks an archived study and writes it, in one transaction with the key of its request.
 *
 * @throws {ProblemError} naming the file that is refused
 */
export function importCrate(db: Database, { bytes, request }: CrateTask): Promise<ImportedCrate> {
  const archive = archiveOf(bytes);
  const write = async (one: Database) => {
    const archived = await readCrate(archive);
    return importStudy(one, archived).catch((error: unknown) => {
      if (!(error instanceof ImportRefusedError)) throw error;
      const type = error.kind === "conflict" ? "conflict" : "invalid-request";
      throw problem(type, `The archive cannot be read in. ${error.message} Nothing was written.`);
    });
  };
  return idempotently(db, { ...request, body: archive }, 201, sweep, write, { timeoutMs: importTimeoutMs });
}
