import { createHash } from "node:crypto";
import { canonicalJson } from "@reprise/contracts";
import { type Database, inOneTransaction, keepAnswer, takeIdempotencyKey } from "@reprise/database";
import type { z } from "zod";
import { problem } from "./problems.js";
import { toWire } from "./wire.js";

const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What a key is taken for: a request, or as much of one as goes to a thread. */
export type KeyedRequest = {
  method: string;
  url: string;
  headers: { "idempotency-key"?: unknown };
  /** Which part of it, where each has a transaction and an answer of its own. */
  part?: number;
  principal: { name: string };
  body: unknown;
};

/** A body as it enters the hash of a request: a file by its digest. */
const bodyOf = ({ body }: KeyedRequest) => (Buffer.isBuffer(body) ? sha256(body) : (body ?? null));

/**
 * Does `work` in one transaction, and once per `Idempotency-Key`: effect, key and answer are committed together or not at
 * all, whenever the server ends. The same request again gets the recorded answer, after waiting for one in work; another request
 * under the same key is refused, and a failed one leaves its key free. Keys are separate per principal.
 *
 * @param work with a database that is the transaction; another one would be a second connection, outside of it
 */
export async function idempotently<S extends z.ZodType>(
  db: Database,
  request: KeyedRequest,
  status: number,
  schema: S,
  work: (db: Database) => Promise<z.output<S>>,
  options?: { timeoutMs: number },
): Promise<{ body: z.output<S>; replayed: boolean }> {
  const given = request.headers["idempotency-key"];
  if (typeof given !== "string") {
    return { body: await inOneTransaction(db, work, options), replayed: false };
  }
  const part = request.part === undefined ? "" : `#${request.part}`;
  const key = `${request.principal.name}:${given}${part}`;
  const hash = sha256(canonicalJson({ method: request.method, url: request.url, body: bodyOf(request) }));
  return inOneTransaction(
    db,
    async (one) => {
      const taken = await takeIdempotencyKey(one, key, hash);
      if (taken.state === "done") return { body: schema.parse(taken.body), replayed: true };
      if (taken.state === "mismatch") {
        throw problem(
          "idempotency-key-reused",
          `The key ${JSON.stringify(given)} was used for a different request. Take a new key per request.`,
        );
      }
      const body = await work(one);
      await keepAnswer(one, key, { status, body: toWire(body) });
      return { body, replayed: false };
    },
    options,
  );
}
