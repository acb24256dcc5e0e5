import { createHash } from "node:crypto";
import { canonicalJson } from "@reprise/contracts";
import { beginIdempotent, type Database, endIdempotent } from "@reprise/database";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { problem } from "./problems.js";

const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A body as it enters the hash of a request: a file by its digest. */
const bodyOf = ({ body }: FastifyRequest) => (Buffer.isBuffer(body) ? sha256(body) : body);

/**
 * Does `work` once per `Idempotency-Key`: the same request again gets the recorded answer, another request under the
 * same key is refused, and a failed one is forgotten so that it can be repeated. Keys are separate per principal.
 */
export async function idempotently<S extends z.ZodType>(
  db: Database,
  request: FastifyRequest,
  status: number,
  schema: S,
  work: () => Promise<z.output<S>>,
): Promise<{ body: z.output<S>; replayed: boolean }> {
  const given = request.headers["idempotency-key"];
  if (typeof given !== "string") return { body: await work(), replayed: false };

  const key = `${request.principal.name}:${given}`;
  const hash = sha256(canonicalJson({ method: request.method, url: request.url, body: bodyOf(request) }));
  const begun = await beginIdempotent(db, key, hash);
  switch (begun.state) {
    case "done":
      return { body: schema.parse(begun.body), replayed: true };
    case "mismatch":
      throw problem(
        "idempotency-key-reused",
        `The key ${JSON.stringify(given)} was used for a different request. Take a new key per request.`,
      );
    case "in-progress":
      throw problem("conflict", "The first request with this idempotency key is still being worked on.", {
        headers: { "retry-after": "1" },
      });
  }
  try {
    const body = await work();
    await endIdempotent(db, key, { status, body });
    return { body, replayed: false };
  } catch (error) {
    await endIdempotent(db, key, null);
    throw error;
  }
}
