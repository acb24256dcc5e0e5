import { reportQuery, studyReport as studyReportSchema } from "@reprise/contracts";
import { announcedTrainers, getEnvironment, getSweep, runsForAnalysis } from "@reprise/database";
import { reportHtml, reportMarkdown, type StudyReportInput, studyReport } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { analyse } from "../analyses.js";
import type { ApiContext } from "../context.js";
import { serverVersion } from "../http/openapi.js";
import { found } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";

const asText = { schema: z.string() };

/** Fetches what a report is made from. @throws {ProblemError} for an unknown sweep or metric. */
async function inputOf(
  { db }: ApiContext,
  id: string,
  metric: string | undefined,
): Promise<StudyReportInput> {
  const sweep = found(await getSweep(db, id), "sweep", id);
  const [runs, trainers, determinism, significance, classification] = await Promise.all([
    runsForAnalysis(db, id),
    announcedTrainers(db),
    analyse(db, id, "determinism", metric),
    analyse(db, id, "significance", metric),
    analyse(db, id, "classification", metric),
  ]);
  const trainer = trainers.find(({ capabilities }) => capabilities.name === sweep.spec.trainer);
  const environmentIds = [...new Set(runs.flatMap(({ environmentId }) => environmentId ?? []))];
  const environments = await Promise.all(
    environmentIds.map((environmentId) => getEnvironment(db, environmentId)),
  );
  const analyses = [determinism, significance, classification].flatMap((analysis) =>
    analysis.analysis === "determinism" ||
    analysis.analysis === "significance" ||
    analysis.analysis === "classification"
      ? [analysis]
      : [],
  );
  return {
    sweep,
    runs,
    analyses,
    environments: environments.flatMap((environment) => environment ?? []),
    dataset: trainer?.capabilities.datasets.find(({ name }) => name === sweep.spec.dataset.name) ?? null,
    software: `Reprise ${serverVersion}`,
    generatedAt: new Date().toISOString(),
  };
}

export const reportRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.get(
    "/sweeps/:id/report",
    {
      schema: {
        operationId: "getReport",
        summary: "One page about a study: design, results, tests, limits, methods and checklists",
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
            },
          },
          ...problems,
        },
      },
    },
    async ({ params: { id }, query: { format, metric } }, reply) => {
      const report = studyReport(await inputOf(context, id, metric));
      if (format === "json") return reply.type("application/json; charset=utf-8").send(report);
      if (format === "markdown")
        return reply.type("text/markdown; charset=utf-8").send(reportMarkdown(report));
      return reply
        .type("text/html; charset=utf-8")
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        .send(reportHtml(report));
    },
  );
};
