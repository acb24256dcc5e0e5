import { artifactList, artifactParams, filesRemoval, fileTotals } from "@reprise/contracts";
import { forgetFilesOfSweep, keepingOfRun, listArtifacts, storedFilesOfSweep } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { fileName } from "../http/file-name.js";
import { found, problem, transitioned } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";
import { absenceOf, readChecked, removeFiles, unreadable } from "./artifact-files.js";

const tags = ["artifacts"];
const bytesType = "application/octet-stream";

export const artifactRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;

  app.get(
    "/runs/:id/artifacts",
    {
      schema: {
        operationId: "listRunArtifacts",
        summary: "Checkpoints and final weights that a run left, or why there are none",
        tags,
        params: idParams,
        response: { 200: artifactList, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const files = found(await listArtifacts(db, id), "run", id);
      const items = await Promise.all(
        files.map(async ({ path, ...file }) => ({
          ...file,
          unreadable: await unreadable({ path, bytes: file.bytes }),
        })),
      );
      const keeping = found(await keepingOfRun(db, id), "run", id);
      return { items, absence: items.length > 0 ? null : absenceOf(keeping) };
    },
  );

  app.get(
    "/runs/:id/artifacts/:name",
    {
      schema: {
        operationId: "getRunArtifact",
        summary: "A file of a run, checked against its SHA-256 (which is its ETag) while it is sent",
        tags,
        params: artifactParams,
        response: {
          200: { description: "The file", content: { [bytesType]: { schema: z.unknown() } } },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { id, name } = request.params;
      const files = found(await listArtifacts(db, id), "run", id);
      const file = found(
        files.find((candidate) => candidate.name === name),
        "file of this run named",
        name,
      );
      const etag = file.digest === null ? null : `"${file.digest}"`;
      if (etag !== null) {
        reply.header("etag", etag);
        // Whatever else is kept under this name later has another digest.
        reply.header("cache-control", "private, no-cache");
        if (request.headers["if-none-match"] === etag) return reply.code(304).send();
      }
      const obstacle = await unreadable(file);
      if (obstacle !== null) throw problem("not-found", obstacle);
      if (file.digest !== null) {
        const base64 = Buffer.from(file.digest, "hex").toString("base64");
        reply.header("repr-digest", `sha-256=:${base64}:`);
      }
      if (file.bytes !== null) reply.header("content-length", file.bytes);
      return reply
        .type(bytesType)
        .header("content-disposition", `attachment; filename="${fileName(`run-${id.slice(-12)}-${name}`)}"`)
        .send(readChecked(file.path, file.digest));
    },
  );

  app.get(
    "/sweeps/:id/artifacts",
    {
      schema: {
        operationId: "getSweepFiles",
        summary: "How many files the runs of a sweep keep, and how large they are together",
        tags,
        params: idParams,
        response: { 200: fileTotals, ...problems },
      },
    },
    async ({ params: { id } }) => found(await storedFilesOfSweep(db, id), "sweep", id),
  );

  app.delete(
    "/sweeps/:id/artifacts",
    {
      config: { role: "admin" },
      schema: {
        operationId: "removeSweepFiles",
        summary: "Remove checkpoints and weights of a sweep that has ended; results and digests stay",
        tags,
        params: idParams,
        response: { 200: filesRemoval, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const answer = await removeFiles(transitioned(await forgetFilesOfSweep(db, id)));
      request.log.info({ sweepId: id, ...answer, by: request.principal.name }, "files of a sweep removed");
      return answer;
    },
  );
};
