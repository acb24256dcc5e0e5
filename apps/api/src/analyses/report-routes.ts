import { reportQuery, studyReport as studyReportSchema } from "@reprise/contracts";
import { reportHtml, reportLatex, reportMarkdown, studyReport } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { idParams, problems } from "../http/wire.js";
import { reportInputOf } from "./reports.js";

const asText = { schema: z.string() };

export const reportRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.get(
    "/sweeps/:id/report",
    {
      schema: {
        operationId: "getReport",
        summary: "A study as a document: answer, results, tests, limits and methods, with an appendix",
        tags: ["analyses"],
        params: idParams,
        querystring: reportQuery,
        response: {
          200: {
            description: "The report",
            content: {
              "application/json": { schema: studyReportSchema },
              "text/markdown": asText,
              "text/html": asText,
              "application/x-tex": asText,
            },
          },
          ...problems,
        },
      },
    },
    async ({ params: { id }, query: { format, metric, length } }, reply) => {
      const report = studyReport(await reportInputOf(context, id, metric));
      if (format === "json") return reply.type("application/json; charset=utf-8").send(report);
      if (format === "markdown")
        return reply.type("text/markdown; charset=utf-8").send(reportMarkdown(report, length));
      if (format === "latex")
        return reply.type("application/x-tex; charset=utf-8").send(reportLatex(report, length));
      return reply
        .type("text/html; charset=utf-8")
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        .send(reportHtml(report, length));
    },
  );
};
