import { thumbnailsList, thumbnailsParams } from "@reprise/contracts";
import { getThumbnails, type StoredThumbnails, thumbnailsOfRun, thumbnailsOfSweep } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { found, problem } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";
import { readChecked, unreadable } from "./artifact-files.js";

const tags = ["thumbnails"];
const png = "image/png";

async function readable(sheets: readonly StoredThumbnails[]) {
  const listed = await Promise.all(
    sheets.map(async ({ path, digest: _, bytes, ...sheet }) =>
      (await unreadable({ path, bytes })) === null ? [sheet] : [],
    ),
  );
  return { items: listed.flat() };
}

export const thumbnailRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;
  const lists = [
    { of: "run", path: "/runs/:id/thumbnails", operationId: "listRunThumbnails", read: thumbnailsOfRun },
    {
      of: "sweep",
      path: "/sweeps/:id/thumbnails",
      operationId: "listSweepThumbnails",
      read: thumbnailsOfSweep,
    },
  ] as const;
  for (const { of, path, operationId, read } of lists) {
    app.get(
      path,
      {
        schema: {
          operationId,
          summary: `Sheets with small pictures of the cases that a ${of} evaluated; none for tables`,
          tags,
          params: idParams,
          response: { 200: thumbnailsList, ...problems },
        },
      },
      async ({ params: { id } }) => readable(found(await read(db, id), of, id)),
    );
  }

  app.get(
    "/thumbnails/:key",
    {
      schema: {
        operationId: "getThumbnails",
        summary: "A sheet of small pictures",
        tags,
        params: thumbnailsParams,
        response: {
          200: { description: "The sheet", content: { [png]: { schema: z.unknown() } } },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { key } = request.params;
      const sheet = found(await getThumbnails(db, key), "sheet of thumbnails", key);
      const obstacle = await unreadable(sheet);
      if (obstacle !== null) throw problem("not-found", obstacle);
      return reply
        .type(png)
        .header("etag", `"${sheet.digest}"`)
        .header("cache-control", "private, max-age=86400, immutable")
        .header("content-length", sheet.bytes)
        .send(readChecked(sheet.path, sheet.digest));
    },
  );
};
