import { sweep, sweepExtension } from "@reprise/contracts";
import {
  addRuns,
  cancelSweep,
  continueSequentially,
  type Database,
  getSweep,
  pauseSweep,
  resumeSweep,
  retryFailedRuns,
  runsForAnalysis,
} from "@reprise/database";
import { configurationsOf, specDigest } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { found, problem, transitioned } from "../http/problems.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { extendedSpec, sequentialSpec } from "./sweep-extension.js";
import { planExtension } from "./sweep-planning.js";

const actions = [
  {
    name: "pause",
    operationId: "pauseSweep",
    summary: "Hold queued runs; running ones finish",
    act: pauseSweep,
  },
  { name: "resume", operationId: "resumeSweep", summary: "Let queued runs start again", act: resumeSweep },
  {
    name: "cancel",
    operationId: "cancelSweep",
    summary: "Cancel queued runs at once and stop running ones",
    act: cancelSweep,
  },
  {
    name: "retry-failed",
    operationId: "retryFailedRuns",
    summary: "Queue failed and cancelled runs again",
    act: retryFailedRuns,
  },
] as const;

export const sweepControlRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (
  app,
  { context },
) => {
  const { db } = context;

  for (const { name, operationId, summary, act } of actions) {
    app.post(
      `/sweeps/:id/${name}`,
      {
        schema: {
          operationId,
          summary,
          tags: ["sweeps"],
          headers: idempotencyHeaders,
          params: idParams,
          response: { 200: sweep, ...problems },
        },
      },
      async (request) => {
        const { id } = request.params;
        const { body, replayed } = await idempotently(db, request, 200, sweep, async (one) =>
          transitioned(await act(one, id)),
        );
        const by = request.principal.name;
        if (!replayed) request.log.info({ sweepId: id, action: name, by }, "sweep steered");
        return body;
      },
    );
  }

  app.post(
    "/sweeps/:id/extend",
    {
      schema: {
        operationId: "extendSweep",
        summary:
          "Add seeds, repeats or configurations, or go on sequentially; runs that exist stay as they are",
        tags: ["sweeps"],
        headers: idempotencyHeaders,
        params: idParams,
        body: sweepExtension,
        response: { 200: sweep, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 200, sweep, (one) =>
        extend(one, id, request.body, request.span.traceparent),
      );
      return body;
    },
  );
};

async function extend(
  db: Database,
  id: string,
  extension: Parameters<typeof extendedSpec>[1],
  traceparent: string | null,
) {
  const current = found(await getSweep(db, id), "sweep", id);
  if (current.imported) throw problem("conflict", "This study was read from an archive and stays as it is.");
  if (current.origin) {
    throw problem(
      "conflict",
      "The runs of this study were imported, and no worker trains more of them. Import further runs into it, or train what it lacks as a study of its own.",
    );
  }
  if (current.status === "cancelled") {
    throw problem("conflict", "This sweep was cancelled. Create a new one, or retry its runs first.");
  }
  if (extension.sequential) {
    const spec = sequentialSpec(current, extension.sequential);
    await planExtension(db, spec, { keys: new Set(), count: 0 });
    return found(await continueSequentially(db, id, { spec, specDigest: specDigest(spec) }), "sweep", id);
  }
  const spec = extendedSpec(current.spec, extension);
  const keys = new Set((await runsForAnalysis(db, id)).map((run) => run.key));
  const { runs } = await planExtension(db, spec, { keys, count: keys.size });
  const labels = new Map(
    configurationsOf(spec).map(({ key, label, labelGiven }) => [key, { label, given: labelGiven }]),
  );
  const extended = { spec, specDigest: specDigest(spec), labels, traceparent };
  return found(await addRuns(db, id, runs, extended), "sweep", id);
}
