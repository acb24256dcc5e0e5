import { worker, workerList } from "@reprise/contracts";
import { listWorkers, sendControl, setWorkerStatus } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { found, problem } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";

export const workerRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;
  const find = async (id: string) =>
    found(
      (await listWorkers(db)).find((candidate) => candidate.id === id),
      "worker",
      id,
    );

  app.get(
    "/workers",
    {
      schema: {
        operationId: "listWorkers",
        summary:
          "Workers with their devices, health, current runs and the load of their machine at the last heartbeat",
        tags: ["workers"],
        response: { 200: workerList, ...problems },
      },
    },
    async () => ({ items: await listWorkers(db) }),
  );

  /** Changes what a worker is meant to do, and wakes it, so that it looks at once. */
  const steer = async (id: string, status: "draining" | "ready", reason: string | null) => {
    const { status: now, name } = await find(id);
    if (now === "gone") throw problem("conflict", `The worker ${name} is gone.`);
    await setWorkerStatus(db, id, status, reason);
    await sendControl(db, { type: "worker-steered", workerId: id });
    return find(id);
  };

  app.post(
    "/workers/:id/drain",
    {
      config: { role: "admin" },
      schema: {
        operationId: "drainWorker",
        summary: "Let a worker finish what it has and take nothing new",
        tags: ["workers"],
        params: idParams,
        response: { 200: worker, ...problems },
      },
    },
    ({ params: { id }, principal }) => steer(id, "draining", `drained by ${principal.name}`),
  );

  app.post(
    "/workers/:id/undrain",
    {
      config: { role: "admin" },
      schema: {
        operationId: "undrainWorker",
        summary: "Let a worker that was drained, or put itself under quarantine, take runs again",
        tags: ["workers"],
        params: idParams,
        response: { 200: worker, ...problems },
      },
    },
    ({ params: { id } }) => steer(id, "ready", null),
  );
};
