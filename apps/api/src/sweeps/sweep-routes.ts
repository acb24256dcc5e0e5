import {
  createSweepQuery,
  didYouMean,
  failureList,
  filesRemoval,
  pageOf,
  parseSweepSpec,
  type StripRun,
  stripList,
  sweep,
  sweepCheck,
  sweepListQuery,
  sweepPatch,
  sweepPreview,
  sweepSpec,
} from "@reprise/contracts";
import {
  capabilitiesOf,
  createSweep,
  type Database,
  deleteSweep,
  getSweep,
  listSweeps,
  sweepFailures,
  sweepStrip,
  updateSweep,
} from "@reprise/database";
import { analysisPlanDigest, configurationOrder, declarationErrors, specDigest } from "@reprise/study";
import { type Span, within } from "@reprise/tracing";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { removeFiles } from "../artifacts/artifact-files.js";
import type { ApiContext } from "../context.js";
import { registerYamlParser } from "../http/body-parsers.js";
import { idempotently } from "../http/idempotency.js";
import { found, problem, transitioned } from "../http/problems.js";
import { crowdedIn, idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { withDefaultSplit } from "./default-split.js";
import { documentErrors, invalidSpec, knownTrainers, planSweep } from "./sweep-planning.js";
import { previewSweep } from "./sweep-preview.js";

/** The preset that a document says it came from. @throws {ProblemError} when there is none of that name. */
function checkedPreset(context: ApiContext, name: string | undefined): string | null {
  if (name === undefined) return null;
  const names = context.presets().map((preset) => preset.name);
  if (names.includes(name)) return name;
  throw problem("invalid-request", `There is no preset ${name}.`, {
    errors: [{ path: "preset", message: "unknown preset", value: name, suggestion: didYouMean(name, names) }],
  });
}

export const sweepRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;
  registerYamlParser(app, context.compute.readYaml);
  const completeDataset = async (request: FastifyRequest) => {
    // Refused as it comes, before each of its names is looked at.
    if (crowdedIn(request.body)) return;
    request.body = withDefaultSplit(request.body, await knownTrainers(db));
    // The schema alone would name the mistakes of form, and the others only when these are mended.
    if (!parseSweepSpec(request.body).ok) throw invalidSpec(await documentErrors(db, request.body));
  };

  app.post(
    "/sweeps",
    {
      preValidation: completeDataset,
      schema: {
        operationId: "createSweep",
        summary: "Create a sweep from a spec (JSON or YAML) and queue its runs",
        tags: ["sweeps"],
        consumes: ["application/json", "application/yaml"],
        headers: idempotencyHeaders,
        querystring: createSweepQuery,
        body: sweepSpec,
        response: { 201: sweep, ...problems },
      },
    },
    async (request, reply) => {
      const spec = request.body;
      const create = async (one: Database, span: Span) => {
        const preset = checkedPreset(context, request.query.preset);
        const { runs, deviceClass } = await planSweep(one, spec);
        const created = await createSweep(one, {
          spec,
          specDigest: specDigest(spec),
          analysisPlanDigest: analysisPlanDigest(spec),
          preset,
          deviceClass,
          runs,
          traceparent: span.traceparent,
        });
        span.set({ "reprise.sweep.id": created.id, "reprise.sweep.runs": created.totalRuns });
        return created;
      };
      const { body, replayed } = await idempotently(db, request, 201, sweep, (one) =>
        within(request.span, "create sweep", (span) => create(one, span)),
      );
      if (!replayed) request.log.info({ sweepId: body.id, runs: body.totalRuns }, "sweep created");
      return reply.code(201).header("location", `/api/v1/sweeps/${body.id}`).send(body);
    },
  );

  app.post(
    "/sweeps/preview",
    {
      config: { role: "viewer" },
      preValidation: completeDataset,
      schema: {
        operationId: "previewSweep",
        summary: "What a spec would become: run count, first runs, estimated time, warnings and errors",
        tags: ["sweeps"],
        consumes: ["application/json", "application/yaml"],
        body: sweepSpec,
        response: { 200: sweepPreview, ...problems },
      },
    },
    async (request) => previewSweep(db, request.body),
  );

  app.post(
    "/sweeps/check",
    {
      config: { role: "viewer" },
      schema: {
        operationId: "checkSweep",
        summary:
          "Every mistake of a document that is to become a sweep, also where it has not the form of one",
        tags: ["sweeps"],
        consumes: ["application/json", "application/yaml"],
        body: z.unknown(),
        response: { 200: sweepCheck, ...problems },
      },
    },
    async (request) => ({ errors: await documentErrors(db, request.body) }),
  );

  app.get(
    "/sweeps",
    {
      schema: {
        operationId: "listSweeps",
        summary: "Sweeps, newest first",
        tags: ["sweeps"],
        querystring: sweepListQuery,
        response: { 200: pageOf(sweep), ...problems },
      },
    },
    async ({ query }) => listSweeps(db, { ...query, archived: query.archived === "true" }),
  );

  app.get(
    "/sweeps/:id",
    {
      schema: {
        operationId: "getSweep",
        summary: "A sweep with its counts and its spec",
        tags: ["sweeps"],
        params: idParams,
        response: { 200: sweep, ...problems },
      },
    },
    async ({ params: { id } }) => found(await getSweep(db, id), "sweep", id),
  );

  app.patch(
    "/sweeps/:id",
    {
      schema: {
        operationId: "updateSweep",
        summary:
          "Change name, tags, notes or priority, put a study aside, or declare units and directions of metrics afterwards",
        tags: ["sweeps"],
        params: idParams,
        body: sweepPatch,
        response: { 200: sweep, ...problems },
      },
    },
    async ({ params: { id }, body }) => {
      const named = found(await getSweep(db, id), "sweep", id);
      const announced = body.metrics ? ((await capabilitiesOf(db, named))?.metrics ?? []) : [];
      const errors = declarationErrors(body.metrics ?? {}, {
        name: named.spec.trainer,
        metrics: announced,
      });
      if (errors.length > 0) {
        throw problem("invalid-request", "The trainer announces other things of these metrics.", { errors });
      }
      return transitioned(await updateSweep(db, id, body, announced));
    },
  );

  app.delete(
    "/sweeps/:id",
    {
      config: { role: "admin" },
      schema: {
        operationId: "deleteSweep",
        summary: "Delete a sweep that has ended, with its runs, results and files; nothing brings it back",
        tags: ["sweeps"],
        params: idParams,
        response: { 200: filesRemoval, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const answer = await removeFiles(transitioned(await deleteSweep(db, id)));
      request.log.info({ sweepId: id, ...answer, by: request.principal.name }, "sweep deleted");
      return answer;
    },
  );

  app.get(
    "/sweeps/:id/strip",
    {
      schema: {
        operationId: "getSweepStrip",
        summary:
          "Digest strip: status and final digest of every run, configurations in the order of the spec",
        tags: ["sweeps"],
        params: idParams,
        response: { 200: stripList, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const [sweep, runs] = await Promise.all([getSweep(db, id), sweepStrip(db, id)]);
      // As the analyses have them: configurations in the order of the spec, runs in theirs.
      const order = configurationOrder(found(sweep, "sweep", id).spec);
      const rank = ({ configurationKey }: StripRun) => order.get(configurationKey) ?? order.size;
      return { items: runs.toSorted((a, b) => rank(a) - rank(b)) };
    },
  );

  app.get(
    "/sweeps/:id/failures",
    {
      schema: {
        operationId: "getSweepFailures",
        summary: "Failed runs by cause, the most frequent first",
        tags: ["sweeps"],
        params: idParams,
        response: { 200: failureList, ...problems },
      },
    },
    async ({ params: { id } }) => {
      found(await getSweep(db, id), "sweep", id);
      return { items: await sweepFailures(db, id) };
    },
  );
};
