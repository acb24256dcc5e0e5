import { Readable } from "node:stream";
import { artifact, fileUploadParams, fileUploadQuery } from "@reprise/contracts";
import { artifactStore, listArtifacts, recordArtifact } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { found, problem } from "../http/problems.js";
import { answeringRefusals } from "../http/refused-body.js";
import { attemptHeaders, problems } from "../http/wire.js";
import { attemptOf } from "../runs/logged-runs.js";
import { unreadable } from "./artifact-files.js";
import { receiveFile, tooLarge, tooMuch } from "./receive-file.js";

/** The one route whose body is a file: it is not read into memory. */
export const uploadRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db, config } = context;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));

  app.put(
    "/runs/:id/files/:name",
    {
      bodyLimit: config.fileLimit,
      schema: {
        operationId: "putRunFile",
        summary:
          "Store a file of a run that is trained elsewhere: its bytes as application/octet-stream, checked against sha256. Sent again it changes nothing; of several of one name the last is kept",
        tags: ["artifacts"],
        headers: attemptHeaders,
        params: fileUploadParams,
        querystring: fileUploadQuery,
        response: { 200: artifact, ...problems },
      },
    },
    (request) =>
      answeringRefusals(request, async () => {
        const { id, name } = request.params;
        const { sha256, step = null } = request.query;
        const length = Number(request.headers["content-length"]);
        if (length > config.fileLimit) throw tooLarge(config.fileLimit);
        const attempt = await attemptOf(db, id, request.headers["reprise-attempt"] ?? null);
        const body: unknown = request.body;
        if (!(body instanceof Readable))
          throw problem(
            "unsupported",
            "Send the bytes of the file with content-type application/octet-stream.",
          );
        const files = (await listArtifacts(db, id)) ?? [];
        const known = files.find((file) => file.name === name);
        const others = files.filter((file) => file.kind === "file" && file.name !== name);
        const used = others.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
        if (others.length >= config.runFilesLimit)
          throw tooMuch("files", others.length, config.runFilesLimit);
        const left = config.runBytesLimit - used;
        if (length > left) throw tooMuch("bytes", used, config.runBytesLimit);
        if (known?.digest !== sha256 || (await unreadable(known)) !== null) {
          const file = await receiveFile(artifactStore(config.dataDirectory), body, {
            sha256,
            limit: Math.min(config.fileLimit, Math.max(0, left)),
          });
          await recordArtifact(db, attempt, { ...file, name, kind: "file", step, epoch: null });
          request.log.info({ runId: id, name, bytes: file.bytes }, "file of a run stored");
        } else body.resume();
        const now = (await listArtifacts(db, id))?.find((file) => file.name === name);
        const { path: _, ...stored } = found(now, "file of this run named", name);
        return stored;
      }),
  );
};
