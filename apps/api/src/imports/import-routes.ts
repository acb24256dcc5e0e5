import { Readable } from "node:stream";
import {
  importAnswer,
  importLimits,
  importPreview,
  importPreviewRequest,
  importRequest,
  importSession,
  uploadedFile,
} from "@reprise/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { problem } from "../http/problems.js";
import { answeringRefusals } from "../http/refused-body.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { runsFile } from "./read-runs.js";
import { createStaging, expiryOf, receiveFile, type Session, type Staging } from "./staging.js";

const bytes = "application/octet-stream";
const lines = "application/x-ndjson";

/** A preview of thousands of runs with decisions is small; what is large comes as a stream. */
const tags = ["imports"];

const streamOf = (body: unknown): Readable => {
  if (body instanceof Readable) return body;
  throw problem("unsupported", `Send the file itself, as ${bytes}.`);
};

const told = (session: Session) => ({
  id: session.id,
  expiresAt: expiryOf(session).toISOString(),
  limits: { totalBytes: importLimits.totalBytes, files: importLimits.files },
});

/** The routes whose body is a file, taken as a stream. */
const fileRoutes: FastifyPluginAsyncZod<{ staging: Staging }> = async (app, { staging }) => {
  for (const type of [bytes, lines])
    app.addContentTypeParser(type, (_request, payload, done) => done(null, payload));

  app.put(
    "/imports/:id/files",
    {
      config: { rateLimit: false },
      bodyLimit: importLimits.totalBytes,
      schema: {
        operationId: "uploadImportFile",
        summary: "Upload one file as it is; a zip is unpacked before it is read",
        tags,
        consumes: [bytes],
        params: idParams,
        querystring: z.strictObject({ path: z.string().min(1) }),
        response: { 200: uploadedFile, ...problems },
      },
    },
    (request) =>
      answeringRefusals(request, async () => {
        const { path } = request.query;
        const session = staging.session(request.params.id);
        return { path, bytes: await receiveFile(session, path, streamOf(request.body)) };
      }),
  );

  app.put(
    "/imports/:id/runs",
    {
      config: { rateLimit: false },
      bodyLimit: importLimits.totalBytes,
      schema: {
        operationId: "uploadImportedRuns",
        summary: "Send runs that were read elsewhere: on the first line the format, then a run on each line",
        tags,
        consumes: [lines],
        params: idParams,
        response: { 200: uploadedFile, ...problems },
      },
    },
    (request) =>
      answeringRefusals(request, async () => {
        const session = staging.session(request.params.id);
        return { path: runsFile, bytes: await receiveFile(session, runsFile, streamOf(request.body)) };
      }),
  );
};

/** From files of another tracker to a study: gather, preview, decide, import. Nothing is written before the last of these. */
export const importRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const staging = createStaging(context);
  // Before open requests are waited for: an import that is being written would hold up the end for minutes.
  app.addHook("preClose", () => staging.close());
  // The other routes take no stream: what judges a body would walk through all that hangs on it.
  await app.register(fileRoutes, { staging });

  app.post(
    "/imports",
    {
      schema: {
        operationId: "beginImport",
        summary: "Begin an import of runs that another tracker recorded: a place to upload its files to",
        tags,
        response: { 201: importSession, ...problems },
      },
    },
    async (_request, reply) => {
      const session = await staging.open();
      return reply.code(201).header("location", `/api/v1/imports/${session.id}`).send(told(session));
    },
  );

  app.post(
    "/imports/:id/preview",
    {
      schema: {
        operationId: "previewImport",
        summary: "What would be imported, by which design; nothing is written",
        tags,
        params: idParams,
        body: importPreviewRequest,
        response: { 200: importPreview, ...problems },
      },
    },
    async ({ params: { id }, body: { as, decisions } }) => staging.session(id).reader.preview(as, decisions),
  );

  app.post(
    "/imports/:id/studies",
    {
      schema: {
        operationId: "importRuns",
        summary: "Write the runs, each study in one transaction; what is there already is skipped",
        tags,
        params: idParams,
        headers: idempotencyHeaders,
        body: importRequest,
        response: { 201: importAnswer, ...problems },
      },
    },
    async (request, reply) => {
      const { method, url, headers, principal, body } = request;
      const answer = await staging.session(request.params.id).reader.write({
        ...{ method, url, body, principal: { name: principal.name } },
        headers: { "idempotency-key": headers["idempotency-key"] },
      });
      request.log.info(
        { studies: answer.studies.map(({ sweepId, added }) => ({ sweepId, added })) },
        "runs imported",
      );
      return reply.code(201).send(answer);
    },
  );

  app.get(
    "/imports/:id",
    {
      schema: {
        operationId: "importProgress",
        summary: "How far the writing of an import is; null where nothing is being written",
        tags,
        params: idParams,
        response: {
          200: z.strictObject({ written: z.int(), total: z.int() }).nullable(),
          ...problems,
        },
      },
    },
    async ({ params: { id } }) => staging.session(id).reader.progress(),
  );

  app.delete(
    "/imports/:id",
    {
      schema: {
        operationId: "discardImport",
        summary: "Remove the uploaded files; what was written stays",
        tags,
        params: idParams,
        response: { 204: z.undefined().describe("Discarded"), ...problems },
      },
    },
    async ({ params: { id } }, reply) => {
      await staging.remove(id);
      return reply.code(204).send();
    },
  );
};
