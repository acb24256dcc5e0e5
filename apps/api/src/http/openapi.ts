import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance, FastifySchema } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { sessionCookie } from "../access/session-cookie.js";
import { serverVersion } from "../version.js";

const tags = {
  sweeps: "Studies: create, steer, watch",
  runs: "Single trainings: results, histories, logs",
  verifications: "A run done again, and where the two part",
  analyses: "What a study shows, with its tests",
  catalogue: "Trainers, data sets and presets on offer",
  workers: "Machines that train",
  statistics: "Every test on its own",
  references: "Published tables, and audits of tables",
  webhooks: "Messages to other programs",
  access: "Tokens and sign-in",
  server: "Health and documentation",
} as const;

/** A wildcard at the end of a path (names with slashes) is documented as a parameter called `name`. */
function nameWildcard({ schema, url }: { schema: FastifySchema; url: string }) {
  if (!url.endsWith("/*") || schema === undefined) return { schema, url };
  const params = z.object({ properties: z.object({ "*": z.unknown() }) }).safeParse(schema.params);
  if (!params.success) return { schema, url };
  const name = params.data.properties["*"];
  return {
    schema: { ...schema, params: { type: "object", properties: { name }, required: ["name"] } },
    url: url.replace(/\*$/, ":name"),
  };
}

/** Collects the routes registered after it into an OpenAPI document; serves it and pages to read it. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Reprise",
        version: serverVersion,
        description:
          "Would this result happen again? Times are UTC in ISO 8601, listings are paged by cursor, errors are problem " +
          'documents (RFC 9457). Numbers that are not finite travel as "NaN", "Infinity" and "-Infinity".',
      },
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          cookie: { type: "apiKey", in: "cookie", name: sessionCookie },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
    transform: (route) => nameWildcard(jsonSchemaTransform(route)),
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, { routePrefix: "/api/docs", staticCSP: true });
  app.get("/api/v1/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}
