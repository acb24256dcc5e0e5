import { diskWords, health } from "@reprise/contracts";
import { type Database, freeSpace, listWorkers, revisions } from "@reprise/database";
import type { FastifyPluginAsync } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { dispatcherDefaults } from "../runs/dispatcher.js";
import { problems } from "./wire.js";

/** How far the revision of what an earlier version wrote is; nothing once it is done. It stands in nobody's way. */
async function revisionCheck(db: Database): Promise<Record<string, string>> {
  const open = (await revisions(db)).find(({ finishedAt }) => finishedAt === null);
  if (!open) return {};
  const { name, done, total } = open;
  const what = { "series-by-step": "being put in order", divergence: "being searched for divergence" }[name];
  return { metricSeries: `${what}: ${done} of ${total} runs` };
}

const longRoundSeconds = dispatcherDefaults.longRoundMs / 1000;

/** Said only while it is true: this process answers, but hands out no runs, or does not do what goes on beside that. */
function dispatchCheck({ dispatching: { since, beside } }: ApiContext): Record<string, string> {
  const secondsOf = (begun: number) => Math.round((performance.now() - begun) / 1000);
  const long = [...beside]
    .map(([name, part]) => ({ name, undone: part.undone, seconds: secondsOf(part.since) }))
    .filter(({ seconds }) => seconds >= longRoundSeconds)
    .map(({ name, seconds, undone }) => [name, `has not ended for ${seconds} seconds; ${undone}`] as const);
  const seconds = since === null ? 0 : secondsOf(since);
  return {
    ...(seconds >= longRoundSeconds && {
      dispatcher: `no round has succeeded for ${seconds} seconds; runs are not handed out`,
    }),
    ...Object.fromEntries(long),
  };
}

/** Said only where there is little room: where this server keeps files, and the embedded database with them. Everybody may read it: no path. */
async function diskCheck({ config: { dataDirectory } }: ApiContext): Promise<Record<string, string>> {
  const disk = diskWords("the data folder", await freeSpace(dataDirectory));
  return disk === null ? {} : { disk };
}

/** Routes for supervisors and monitoring, at the root where those look for them. */
export const serverRoutes: FastifyPluginAsync<{ context: ApiContext }> = async (plain, { context }) => {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { metrics } = context;

  app.get(
    "/healthz",
    {
      config: { role: "public", rateLimit: false },
      schema: {
        operationId: "getHealth",
        summary: "Whether the process answers",
        tags: ["server"],
        response: { 200: health, ...problems },
      },
    },
    async () => ({ status: "ok" as const, checks: {} }),
  );

  app.get(
    "/readyz",
    {
      config: { role: "public", rateLimit: false },
      schema: {
        operationId: "getReadiness",
        summary: "Whether database and queue can be reached",
        tags: ["server"],
        response: { 200: health, 503: health, ...problems },
      },
    },
    async (_request, reply) => {
      const { database, queue } = await context.reachability();
      const word = (reachable: boolean) => (reachable ? "ok" : "unreachable");
      const checks = { database: word(database), queue: word(queue), ...(await diskCheck(context)) };
      return database && queue
        ? reply.send({
            status: "ok",
            checks: { ...checks, ...dispatchCheck(context), ...(await revisionCheck(context.db)) },
          })
        : reply.code(503).send({ status: "unavailable", checks });
    },
  );

  app.get(
    "/metrics",
    {
      schema: {
        operationId: "getMetrics",
        summary: "Metrics for Prometheus",
        tags: ["server"],
        response: { 200: { content: { "text/plain": { schema: z.string() } } }, ...problems },
      },
    },
    async (_request, reply) => {
      const [workers, depths] = await Promise.all([listWorkers(context.db), context.queueDepths()]);
      metrics.workers.reset();
      for (const { status } of workers) metrics.workers.inc({ status });
      metrics.machines.set(
        workers.flatMap(({ name, status, system }) =>
          status === "gone" || system === null ? [] : [{ name, system }],
        ),
      );
      metrics.queueJobs.reset();
      for (const [queue, { waiting, active }] of Object.entries(depths)) {
        metrics.queueJobs.set({ queue, state: "waiting" }, waiting);
        metrics.queueJobs.set({ queue, state: "active" }, active);
      }
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    },
  );
};
