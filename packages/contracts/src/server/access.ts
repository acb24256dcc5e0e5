import { z } from "zod";
import { id, instant } from "../basics/primitives.js";

/** What a token may do: read; also create and steer studies; also make tokens and manage workers. */
export const roles = ["viewer", "runner", "admin"] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

export const tokenRequest = z.strictObject({
  name: z.string().trim().min(1).max(120),
  role,
  /** Null: valid until it is revoked. */
  expiresAt: instant.nullable().default(null),
});

/** The only answer that ever carries the token itself: the server keeps a hash. */
export const createdToken = z
  .strictObject({ id, name: z.string(), role, expiresAt: instant.nullable(), token: z.string() })
  .meta({ id: "CreatedToken" });
export type CreatedToken = z.infer<typeof createdToken>;

/** A token as it is listed: who holds it cannot be told from this. */
export const tokenInfo = z.strictObject({
  id,
  name: z.string(),
  role,
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
});
export type TokenInfo = z.infer<typeof tokenInfo>;
export const tokenList = z.strictObject({ items: z.array(tokenInfo) });

export const loginRequest = z.strictObject({ token: z.string().min(1).max(500) });

/** Who is asking. With authentication off everybody is an admin, because only this machine is served. */
export const session = z
  .strictObject({ authentication: z.enum(["off", "token"]), name: z.string(), role })
  .meta({ id: "Session" });
export type Session = z.infer<typeof session>;
