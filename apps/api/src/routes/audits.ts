import { auditReport, auditRequest } from "@reprise/contracts";
import { auditTables, readAuditRequest } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { problem } from "../http/problems.js";
import { problems } from "../http/wire.js";

export const auditRoutes: FastifyPluginAsyncZod = async (app) => {
  app.post(
    "/audits",
    {
      config: { role: "viewer" },
      schema: {
        operationId: "auditTables",
        summary:
          "Check pasted summary tables with the rules that check the published ones; nothing is stored",
        tags: ["references"],
        body: auditRequest,
        response: { 200: auditReport, ...problems },
      },
    },
    async ({ body }) => {
      const read = readAuditRequest(body);
      if (!read.ok) {
        const count = read.errors.length;
        throw problem(
          "invalid-request",
          `The tables have ${count === 1 ? "one error" : `${count} errors`}; see "errors".`,
          { errors: read.errors },
        );
      }
      const { tables, claims, ignoredColumns } = read.value;
      return { ...auditTables(tables, claims), ignoredColumns };
    },
  );
};
