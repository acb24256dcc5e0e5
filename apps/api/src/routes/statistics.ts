import { didYouMean, statisticsList, statisticsRequest } from "@reprise/contracts";
import { isStatisticsError, runStatisticalTest, statisticalTestNames } from "@reprise/statistics";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { problem } from "../http/problems.js";
import { problems } from "../http/wire.js";

/** Score matrices and long series travel in the body. */
const bodyLimit = 32 * 1024 * 1024;

export const statisticsRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    "/statistics",
    {
      schema: {
        operationId: "listStatistics",
        summary: "Names of the tests that can be called",
        tags: ["statistics"],
        response: { 200: statisticsList, ...problems },
      },
    },
    async () => ({ items: [...statisticalTestNames] }),
  );

  app.post(
    "/statistics/:test",
    {
      bodyLimit,
      config: { role: "viewer" },
      schema: {
        operationId: "runStatistic",
        summary: "Run one test on the numbers in the body; reports use the same functions",
        tags: ["statistics"],
        params: z.strictObject({ test: z.string().min(1).max(100) }),
        body: statisticsRequest,
        response: { 200: z.record(z.string(), z.unknown()), ...problems },
      },
    },
    async ({ params: { test }, body }) => {
      try {
        return runStatisticalTest(test, body);
      } catch (error) {
        if (!isStatisticsError(error)) throw error;
        if (error.code === "unknown-test") {
          throw problem("not-found", `There is no test ${test}. ${didYouMean(test, statisticalTestNames)}`);
        }
        throw problem("invalid-request", error.message, {
          errors: [{ path: error.field, message: error.message, suggestion: error.remedy }],
        });
      }
    },
  );
};
