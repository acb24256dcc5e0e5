import { createHash, randomBytes } from "node:crypto";
import type { Role, TokenInfo } from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { storableText } from "../storable.js";

/** What a token is known by here. */
export const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");
/** `lastUsedAt` is no more precise than this, so that reading requests do not all write. */
const useResolutionMs = 60_000;

/**
 * Makes a token. Its text is returned once; the database keeps its SHA-256.
 *
 * @param token.expiry a moment, or so long from now by the clock of the database, which judges it
 * @param token.sessionOf what a browser has signed in with (`hashOf`): the token is then its session
 */
export async function createToken(
  db: Database,
  {
    expiry,
    name,
    ...token
  }: { name: string; role: Role; expiry: Date | { afterMs: number } | null; sessionOf?: string },
): Promise<{ id: string; token: string }> {
  const text = `reprise_${randomBytes(32).toString("base64url")}`;
  const id = uuidv7();
  const expiresAt =
    expiry === null || expiry instanceof Date
      ? expiry
      : new Date((await databaseTime(db.prisma)).getTime() + expiry.afterMs);
  await db.prisma.token.create({
    data: { ...token, id, expiresAt, name: storableText(name), hash: hashOf(text) },
  });
  return { id, token: text };
}

/** The token of that text, unless there is none or it has expired or been revoked. */
export async function findToken(db: Database, token: string): Promise<KnownToken | null> {
  return knownToken(db, hashOf(token));
}

export type KnownToken = { id: string; name: string; role: Role; sessionOf: string | null };

/** The token with that SHA-256, under the same conditions. */
export async function knownToken(db: Database, hash: string): Promise<KnownToken | null> {
  const [found] = await db.prisma.$queryRaw<Array<KnownToken & { isNoted: boolean }>>`
    SELECT id::text AS id, name, role::text AS role, session_of AS "sessionOf", last_used_at IS NOT NULL
      AND last_used_at > clock_timestamp() - ${useResolutionMs}::float8 * interval '1 millisecond' AS "isNoted"
    FROM tokens
    WHERE hash = ${hash} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())`;
  if (!found) return null;
  const { isNoted, ...known } = found;
  if (!isNoted)
    await db.prisma
      .$executeRaw`UPDATE tokens SET last_used_at = clock_timestamp() WHERE id = ${known.id}::uuid`;
  return known;
}

const isoOrNull = (date: Date | null) => date?.toISOString() ?? null;

/** All tokens that were made by somebody, newest first, without their hashes; not the sessions of browsers. */
export async function listTokens(db: Database): Promise<TokenInfo[]> {
  const rows = await db.prisma.token.findMany({
    where: { sessionOf: null },
    omit: { hash: true, sessionOf: true },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
  });
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    expiresAt: isoOrNull(row.expiresAt),
    revokedAt: isoOrNull(row.revokedAt),
  }));
}

/** Makes a token invalid from now on. False when there is no such token that is still valid. */
export async function revokeToken(db: Database, id: string): Promise<boolean> {
  const { count } = await db.prisma.token.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: await databaseTime(db.prisma) },
  });
  return count > 0;
}

/** Ends the session whose token this is, and removes those that have expired. */
export async function endSession(db: Database, token: string): Promise<void> {
  await db.prisma.$executeRaw`
    DELETE FROM tokens
    WHERE session_of IS NOT NULL AND (hash = ${hashOf(token)} OR expires_at <= clock_timestamp())`;
}
