import { runDiff } from "@reprise/contracts";
import { getEnvironment, getRun, readLadder, readRunEvidence } from "@reprise/database";
import { compareRungs, type DiffedRun, diffRuns } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { found } from "../http/problems.js";
import { problems } from "../http/wire.js";
import { divergenceEvidence } from "../verifications/divergence-evidence.js";

export const runDiffRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;

  async function side(id: string): Promise<DiffedRun> {
    const run = found(await getRun(db, id), "run", id);
    const [environment, ladder] = await Promise.all([
      run.environmentId === null ? null : getEnvironment(db, run.environmentId),
      readLadder(db, id),
    ]);
    return { run, environment: environment?.values ?? {}, rungs: ladder?.rungs ?? [] };
  }

  app.get(
    "/runs/:a/diff/:b",
    {
      schema: {
        operationId: "diffRuns",
        summary: "Configuration, environment and ladder of two runs: only what differs",
        tags: ["runs"],
        params: z.strictObject({ a: z.uuid(), b: z.uuid() }),
        response: { 200: runDiff, ...problems },
      },
    },
    async ({ params: { a, b } }) => {
      const [left, right, evidence] = await Promise.all([
        side(a),
        side(b),
        readRunEvidence(db, [a, b], [[a, b]]),
      ]);
      const place = compareRungs(left.rungs, right.rungs).firstDivergence;
      const tensors = place && (await divergenceEvidence(db, place, { runId: a, replicaRunId: b }));
      return diffRuns(left, right, { evidence, tensors });
    },
  );
};
