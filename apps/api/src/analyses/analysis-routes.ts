import { analysisNames, analysisQuery, analysisSchema, type ExportFormat } from "@reprise/contracts";
import { exportTable } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { attachment } from "../http/file-name.js";
import { problem } from "../http/problems.js";
import { problems, sendWireText } from "../http/wire.js";

const asText = { schema: z.string() };

const files = {
  csv: { type: "text/csv", suffix: "csv" },
  latex: { type: "application/x-tex", suffix: "tex" },
  markdown: { type: "text/markdown", suffix: "md" },
} as const satisfies Record<Exclude<ExportFormat, "json">, { type: string; suffix: string }>;

export const analysisRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.get(
    "/sweeps/:id/analyses/:name",
    {
      schema: {
        operationId: "getAnalysis",
        summary: "A table of a study with its tests and verdicts, as JSON or as a file to take away",
        tags: ["analyses"],
        params: z.strictObject({ id: z.uuid(), name: z.enum(analysisNames) }),
        querystring: analysisQuery,
        response: {
          200: {
            description: "The analysis",
            content: {
              "application/json": { schema: analysisSchema },
              [files.csv.type]: asText,
              [files.latex.type]: asText,
              [files.markdown.type]: asText,
            },
          },
          304: z.null().describe("The caller's copy, named by If-None-Match, is still right"),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { id, name } = request.params;
      const { metric, format, mcnemar, prevalence, table, length } = request.query;
      const options = { withMcnemar: mcnemar === "true", ...(prevalence !== undefined && { prevalence }) };
      const task = { sweepId: id, name, metric, options };
      if (format === "json") {
        const { tag, text } = await context.compute.analysisText(task);
        // Weak: it stands for the text in whichever encoding it travels.
        const etag = `W/"${tag}"`;
        reply.header("etag", etag).header("cache-control", "private, no-cache");
        if (request.headers["if-none-match"] === etag) return reply.code(304).send(null);
        return sendWireText(reply, await text());
      }
      const result = await context.compute.analysis(task);
      if (table === "confusions" && !("confusions" in result && result.confusions)) {
        throw problem("invalid-request", "This analysis has no table of classes confused with one another.", {
          errors: [
            {
              path: "table",
              message:
                "only classification of more than two classes has it, when runs with predictions have ended",
              value: table,
              suggestion: "Use table=all.",
            },
          ],
        });
      }
      const { type, suffix } = files[format];
      const { sweepName, metric: key } = result.provenance;
      return reply
        .type(`${type}; charset=utf-8`)
        .header(
          "content-disposition",
          attachment(`${sweepName}-${table === "confusions" ? table : name}-${key}`, suffix),
        )
        .send(exportTable(result, format, table, length));
    },
  );
};
