import { sweep } from "@reprise/contracts";
import { readStudy } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { attachment } from "../http/file-name.js";
import { problem, transitioned } from "../http/problems.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { writeCrate } from "./write-crate.js";

/** A study of thousands of runs with histories and predictions, packed. */
const bodyLimit = 512 * 1024 * 1024;
const zip = "application/zip";

export const crateRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db, compute } = context;
  // One that is being written is given up with the server: the database takes it back.
  app.addHook("preClose", async () => compute.stopImports());
  app.addContentTypeParser(zip, { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));

  app.get(
    "/sweeps/:id/crate",
    {
      schema: {
        operationId: "exportStudy",
        summary: "A study that has ended with all its records, analyses and report, as an RO-Crate in a zip",
        tags: ["sweeps"],
        params: idParams,
        response: {
          200: { description: "The archive", content: { [zip]: { schema: z.unknown() } } },
          ...problems,
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const study = transitioned(await readStudy(db, id));
      return reply
        .type(zip)
        .header("content-disposition", attachment(study.sweep.name, "crate.zip"))
        .send(writeCrate(context, study));
    },
  );

  app.post(
    "/sweeps/import",
    {
      bodyLimit,
      schema: {
        operationId: "importStudy",
        summary: "Read an archived study (application/zip) back; it is marked as imported and never queues",
        tags: ["sweeps"],
        consumes: [zip],
        headers: idempotencyHeaders,
        response: { 201: sweep, ...problems },
      },
    },
    async (request, reply) => {
      const { body: bytes } = request;
      if (!Buffer.isBuffer(bytes)) {
        throw problem("unsupported", `Send the archive itself, as ${zip}.`);
      }
      const { method, url, headers, principal } = request;
      const { body, replayed } = await compute.importCrate({
        bytes,
        request: {
          ...{ method, url, principal: { name: principal.name } },
          headers: { "idempotency-key": headers["idempotency-key"] },
        },
      });
      if (!replayed) request.log.info({ sweepId: body.id, runs: body.totalRuns }, "study imported");
      return reply.code(201).header("location", `/api/v1/sweeps/${body.id}`).send(body);
    },
  );
};
