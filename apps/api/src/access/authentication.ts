import { createHash, timingSafeEqual } from "node:crypto";
import { type Role, roles } from "@reprise/contracts";
import { findToken, hashOf, type KnownToken, knownToken } from "@reprise/database";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiContext } from "../context.js";
import type { Leave } from "../http/event-streams.js";
import { problem } from "../http/problems.js";
import { sessionCookie } from "./session-cookie.js";

export type Principal = { name: string; role: Role };

declare module "fastify" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface FastifyRequest {
    principal: Principal;
  }
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface FastifyContextConfig {
    /** Least role that may call the route; without it, reading takes a viewer and anything else a runner. */
    role?: Role | "public";
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Whom a token belongs to; null when it is unknown, expired or revoked. */
export async function principalOfToken(context: ApiContext, token: string): Promise<Principal | null> {
  const { authentication } = context.config;
  if (authentication.mode === "off") return { name: "local", role: "admin" };
  if (timingSafeEqual(digest(token), digest(authentication.token)))
    return { name: "administrator", role: "admin" };
  const known = await findToken(context.db, token);
  if (known === null || known.sessionOf === null) return known && principalOf(known);
  // A session is whoever signed in, for as long as that token is good.
  if (known.sessionOf === hashOf(authentication.token)) return { name: "administrator", role: "admin" };
  const owner = await knownToken(context.db, known.sessionOf);
  return owner && principalOf(owner);
}

const principalOf = ({ id, name, role }: KnownToken): Principal => ({ name: `${name} (${id})`, role });

/** The leave of who sent a request to send it again: until its token is revoked, or expires. */
export function leaveOf(context: ApiContext, request: FastifyRequest): Leave {
  if (context.config.authentication.mode === "off") return { by: "", isGood: async () => true };
  const token = tokenOf(request);
  return {
    by: token ?? "",
    isGood: async () => token !== null && (await principalOfToken(context, token)) !== null,
  };
}

function tokenOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  if (header !== undefined) return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? "";
  return request.cookies[sessionCookie] ?? null;
}

const unauthorized = (detail: string) =>
  problem("unauthorized", detail, { headers: { "www-authenticate": 'Bearer realm="reprise"' } });

/** For a token that was sent and is nobody's. */
export const unknownToken = () => unauthorized("The token is unknown, expired or revoked.");

/** Who has sent no token: only what is public answers. */
export const nobody: Principal = { name: "anonymous", role: "viewer" };

/** Checks who asks, and whether they may, before anything else is done with a request. */
export function registerAuthentication(app: FastifyInstance, context: ApiContext): void {
  app.decorateRequest("principal");

  app.addHook("onRequest", async (request) => {
    request.principal = nobody;
    const reading = request.method === "GET" || request.method === "HEAD";
    const needed = request.routeOptions.config.role ?? (reading ? "viewer" : "runner");
    const token = context.config.authentication.mode === "off" ? "" : tokenOf(request);
    if (token === null) {
      if (needed === "public") return;
      throw unauthorized("Send a token as `Authorization: Bearer …`, or sign in.");
    }
    const principal = await principalOfToken(context, token);
    if (principal === null) {
      if (needed === "public") return;
      throw unknownToken();
    }
    request.principal = principal;
    if (needed !== "public" && roles.indexOf(principal.role) < roles.indexOf(needed)) {
      throw problem("forbidden", `This takes the role ${needed}; the token has ${principal.role}.`);
    }
  });
}
