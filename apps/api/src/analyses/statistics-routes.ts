import { statisticsList, statisticsRequest } from "@reprise/contracts";
import { statisticalTestNames, statisticalTests } from "@reprise/statistics";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { longBodyOf } from "../http/long-body.js";
import { problems } from "../http/wire.js";

const known = Object.entries(statisticalTests).map(([name, { title }]) => `- \`${name}\`: ${title}`);

/** Score matrices and long series travel in the body. */
const bodyLimit = 32 * 1024 * 1024;

export const statisticsRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
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
      config: { role: "viewer", measurements: true, takesLongBody: true },
      schema: {
        operationId: "runStatistic",
        summary: "Run one test on the numbers in the body; reports use the same functions",
        tags: ["statistics"],
        params: z.strictObject({ test: z.string().min(1).max(100).describe(known.join("\n")) }),
        body: statisticsRequest,
        response: { 200: z.record(z.string(), z.unknown()), ...problems },
      },
    },
    async (request) => {
      const { test } = request.params;
      const long = longBodyOf(request);
      return long
        ? context.compute.longStatistic({ ...long, test })
        : context.compute.statistic({ test, body: request.body });
    },
  );
};
