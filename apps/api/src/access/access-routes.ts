import { createdToken, loginRequest, session, tokenList, tokenRequest } from "@reprise/contracts";
import { createToken, databaseTime, endSession, hashOf, listTokens, revokeToken } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { notFound, problem } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";
import { nobody, principalOfToken, unknownToken } from "./authentication.js";
import { sessionCookie } from "./session-cookie.js";

const monthInSeconds = 30 * 24 * 60 * 60;
/** Guessing is hopeless anyway; this keeps it from being cheap. */
const loginsPerMinute = 30;

export const accessRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const authentication = context.config.authentication.mode;

  app.post(
    "/tokens",
    {
      config: { role: "admin" },
      schema: {
        operationId: "createToken",
        summary: "Make a token; it is shown this once",
        description:
          "Takes no Idempotency-Key: the answer would have to be kept to be given again, and the server keeps of a token its SHA-256 " +
          "only. Where the answer was lost, list the tokens and revoke the one whose text nobody has.",
        tags: ["access"],
        body: tokenRequest,
        response: { 201: createdToken, ...problems },
      },
    },
    async (request, reply) => {
      const { name, role, expiresAt } = request.body;
      if (expiresAt !== null && new Date(expiresAt) <= (await databaseTime(context.db.prisma))) {
        throw problem("invalid-request", "The token would have expired already.", {
          errors: [{ path: "expiresAt", message: "must lie in the future", value: expiresAt }],
        });
      }
      const made = await createToken(context.db, {
        name,
        role,
        expiry: expiresAt === null ? null : new Date(expiresAt),
      });
      return reply.code(201).send({ ...made, name, role, expiresAt });
    },
  );

  app.get(
    "/tokens",
    {
      config: { role: "admin" },
      schema: {
        operationId: "listTokens",
        summary: "Tokens with their roles and last use, newest first",
        tags: ["access"],
        response: { 200: tokenList, ...problems },
      },
    },
    async () => ({ items: await listTokens(context.db) }),
  );

  app.delete(
    "/tokens/:id",
    {
      config: { role: "admin" },
      schema: {
        operationId: "revokeToken",
        summary: "Make a token invalid from now on",
        tags: ["access"],
        params: idParams,
        response: { 204: z.undefined().describe("Revoked"), ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await revokeToken(context.db, id))) throw notFound("valid token", id);
      return reply.code(204).send(undefined);
    },
  );

  app.post(
    "/session",
    {
      config: { role: "public", rateLimit: { max: loginsPerMinute, timeWindow: "1 minute" } },
      schema: {
        operationId: "createSession",
        summary: "Sign a browser in: it gets a session of its own, in a cookie that scripts cannot read",
        tags: ["access"],
        body: loginRequest,
        response: { 201: session, ...problems },
      },
    },
    async (request, reply) => {
      const { token } = request.body;
      const principal = await principalOfToken(context, token);
      if (!principal) throw unknownToken();
      if (authentication === "off") return reply.code(201).send({ authentication, ...principal });
      const own = await createToken(context.db, {
        name: `Session of ${principal.name}`.slice(0, 120),
        role: principal.role,
        expiry: { afterMs: monthInSeconds * 1000 },
        sessionOf: hashOf(token),
      });
      reply.setCookie(sessionCookie, own.token, {
        httpOnly: true,
        sameSite: "strict",
        secure: request.protocol === "https",
        path: "/",
        maxAge: monthInSeconds,
      });
      return reply.code(201).send({ authentication, ...principal });
    },
  );

  app.get(
    "/session",
    {
      config: { role: "public" },
      schema: {
        operationId: "getSession",
        summary: "Who is asking, and what they may do; nothing where a browser has yet to sign in",
        tags: ["access"],
        response: { 200: session, 204: z.undefined().describe("No one is signed in"), ...problems },
      },
    },
    async (request, reply) => {
      if (request.principal !== nobody) return { authentication, ...request.principal };
      if (request.headers.authorization !== undefined) throw unknownToken();
      return reply.code(204).send(undefined);
    },
  );

  app.delete(
    "/session",
    {
      config: { role: "public" },
      schema: {
        operationId: "deleteSession",
        summary: "Sign a browser out",
        tags: ["access"],
        response: { 204: z.undefined().describe("Signed out"), ...problems },
      },
    },
    async (request, reply) => {
      const session = request.cookies[sessionCookie];
      if (session !== undefined) await endSession(context.db, session);
      reply.clearCookie(sessionCookie, { path: "/" });
      return reply.code(204).send(undefined);
    },
  );
};
