import {
  pageOf,
  type RunFilter,
  run,
  runDetail,
  runGroups,
  runGroupsQuery,
  runListQuery,
  runPatch,
} from "@reprise/contracts";
import {
  cancelRun,
  filterHints,
  getAttempts,
  getRun,
  listRuns,
  listVerifications,
  retryRun,
  updateRun,
} from "@reprise/database";
import { parseRunFilter, runClaims } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { found, problem, transitioned } from "../http/problems.js";
import { builtAnswer, idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { runGroupsOf } from "./run-groups.js";

const actions = [
  {
    name: "cancel",
    operationId: "cancelRun",
    summary: "Cancel a queued run at once, or stop a running one",
    act: cancelRun,
  },
  { name: "retry", operationId: "retryRun", summary: "Queue a failed or cancelled run again", act: retryRun },
] as const;

/** The conditions of a filter, or none without one. @throws {ProblemError} naming the character that cannot be read. */
function whereOf(filter: string | undefined): { where?: RunFilter } {
  if (filter === undefined) return {};
  const parsed = parseRunFilter(filter);
  if (parsed.ok) return { where: parsed.value };
  throw problem("invalid-request", 'The filter cannot be read; see "errors".', { errors: parsed.errors });
}

export const runRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;

  app.get(
    "/runs",
    {
      schema: {
        operationId: "listRuns",
        summary:
          "Runs by sweep, status, mode, arm or filter (`metrics.testAuc > 0.9 and params.optimizer = 'adam'`)",
        tags: ["runs"],
        querystring: runListQuery,
        response: { 200: builtAnswer(pageOf(run)), ...problems },
      },
    },
    async ({ query: { filter, ...query } }) => {
      const asked = { ...query, ...whereOf(filter) };
      const page = await listRuns(db, asked);
      if (page.items.length > 0 || query.cursor !== undefined) return page;
      const hints = await filterHints(db, asked);
      return hints.length > 0 ? { ...page, hints } : page;
    },
  );

  app.get(
    "/runs/groups",
    {
      schema: {
        operationId: "groupRuns",
        summary:
          "Runs grouped by hyperparameters or properties: n, mean, SD, interval and extremes of a metric over all runs of a group",
        tags: ["runs"],
        querystring: runGroupsQuery,
        response: { 200: runGroups, ...problems },
      },
    },
    async ({ query }) => runGroupsOf(db, { ...query, ...whereOf(query.filter) }),
  );

  app.get(
    "/runs/:id",
    {
      schema: {
        operationId: "getRun",
        summary: "A run with its summary and attempts",
        tags: ["runs"],
        params: idParams,
        response: { 200: runDetail, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const [entity, attempts, verifications] = await Promise.all([
        getRun(db, id),
        getAttempts(db, id),
        listVerifications(db, id),
      ]);
      const shown = found(entity, "run", id);
      return { ...shown, attempts, claims: runClaims(shown, { verifications: verifications ?? [] }) };
    },
  );

  app.patch(
    "/runs/:id",
    {
      schema: {
        operationId: "updateRun",
        summary: "Change tags and notes, or exclude the run from analyses with a reason; it stays visible",
        tags: ["runs"],
        params: idParams,
        body: runPatch,
        response: { 200: run, ...problems },
      },
    },
    async ({ params: { id }, body }) => found(await updateRun(db, id, body), "run", id),
  );

  for (const { name, operationId, summary, act } of actions) {
    app.post(
      `/runs/:id/${name}`,
      {
        schema: {
          operationId,
          summary,
          tags: ["runs"],
          headers: idempotencyHeaders,
          params: idParams,
          response: { 200: run, ...problems },
        },
      },
      async (request) => {
        const { id } = request.params;
        const { body, replayed } = await idempotently(db, request, 200, run, async (one) =>
          transitioned(await act(one, id)),
        );
        const by = request.principal.name;
        if (!replayed) request.log.info({ runId: id, action: name, by }, "run steered");
        return body;
      },
    );
  }
};
