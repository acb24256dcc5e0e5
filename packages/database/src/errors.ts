import { mostMetrics } from "@reprise/contracts";
import { z } from "zod";

/** The attempt is no longer ours: its lease ran out, it was recovered, or it has ended. Stop working on it. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  constructor(readonly runId: string) {
    super(`This attempt of run ${runId} has been taken away: its lease expired or the run has ended.`);
  }
}

/** A run would have more metrics than one may have. */
export class TooManyMetricsError extends Error {
  override readonly name = "TooManyMetricsError";
  constructor() {
    super(
      `A run may have ${mostMetrics} metrics; with those reported now it would have more. A value that many cases or layers have is a prediction or a file: report its mean, or some of them.`,
    );
  }
}

/** A batch came before its predecessor; the writer must send batches in order, without gaps. */
export class BatchOrderError extends Error {
  override readonly name = "BatchOrderError";
  constructor(given: number, expected: number) {
    super(
      `Batch ${given} came where batch ${expected} was expected: batches are written in order, without gaps.`,
    );
  }
}

/** A cursor that no listing of this kind has given out. */
export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
  constructor() {
    super("The cursor does not belong to this listing. Start again without one.");
  }
}

/** A filter names an attribute that runs do not have. */
export class UnknownAttributeError extends Error {
  override readonly name = "UnknownAttributeError";
  constructor(
    readonly attribute: string,
    readonly known: readonly string[],
  ) {
    super(`Runs have no attribute ${attribute}. Known: ${known.join(", ")}.`);
  }
}

/** An archived study that cannot be read in: it is here already, or its parts contradict each other. */
export class ImportRefusedError extends Error {
  override readonly name = "ImportRefusedError";
  constructor(
    /** The study or run that stands against it. */
    readonly subject: string,
    readonly detail: string,
    readonly kind: "conflict" | "contradiction" = "contradiction",
  ) {
    super(`${subject}: ${detail}.`);
  }
}

/** Another Reprise uses this data directory now. `url` is its address, once it has announced one. */
export class InstanceRunningError extends Error {
  override readonly name = "InstanceRunningError";
  constructor(
    readonly pid: number,
    readonly url: string | null,
    dataDirectory: string,
  ) {
    super(
      `Reprise is already running on ${dataDirectory} (process ${pid}${url ? `, ${url}` : ""}). ` +
        "Use that one, stop it, or choose another data directory.",
    );
  }
}

/** The embedded PostgreSQL could not be started; the message says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
}

/** The database cannot be brought to the form that this version needs. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  constructor(
    readonly migration: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`Migration ${migration} ${what}`, options);
  }
}

/** A newer version has changed the database: this one would misread it, and must not write to it. */
export class NewerDatabaseError extends Error {
  override readonly name = "NewerDatabaseError";
  constructor(
    /** Migrations that this version does not know, oldest first. */
    readonly migrations: readonly string[],
    /** Who migrated last, as "Reprise 1.2.3", where that was written down. */
    by: string | null,
    own: string,
  ) {
    const newest = migrations.at(-1);
    super(
      `The database was brought to a newer form by ${by ?? "a newer Reprise"} (migration ${newest}), which this program, Reprise ${own}, does not know. ` +
        "Nothing was changed. Start that release or a later one, or restore a backup from before the upgrade.",
    );
  }
}

/** States of PostgreSQL: a lock not available in time, a statement cancelled for its time, the victim of a deadlock. */
const busyStates: ReadonlySet<unknown> = new Set(["55P03", "57014", "40P01"]);

const databaseFailure = z.object({
  meta: z.object({
    driverAdapterError: z.object({
      cause: z.object({ originalCode: z.string(), originalMessage: z.string().default("") }),
    }),
  }),
});

const causeOf = (error: unknown) => databaseFailure.safeParse(error).data?.meta.driverAdapterError.cause;

/**
 * Whether a query failed only because somebody else held what it needed, or the server had no time for it: asked again it
 * may well go through.
 */
export function isDatabaseBusy(error: unknown): boolean {
  return busyStates.has(causeOf(error)?.originalCode);
}

/**
 * Whether a query failed because the disk of the database is full: nothing was written, and there may be room later. Of its shared
 * memory PostgreSQL says the same, which is no disk.
 */
export function isDatabaseFull(error: unknown): boolean {
  const cause = causeOf(error);
  return cause?.originalCode === "53100" && !cause.originalMessage.includes("shared memory segment");
}

const systemFailure = z.object({ code: z.string() });

/** Whether a file could not be written because its disk, or what this user may have of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = systemFailure.safeParse(error).data?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}
