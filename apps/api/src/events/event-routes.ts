import { isThere } from "@reprise/database";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { leaveOf } from "../access/authentication.js";
import type { ApiContext } from "../context.js";
import type { EventStreams } from "../http/event-streams.js";
import { notFound, problem } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";

const stream = {
  200: {
    description:
      "Server-sent events. First `hello`: `complete: false` says that events were missed and everything should be read " +
      "again. Then messages, each a LiveEvent as JSON. `Last-Event-ID` resumes.",
    content: { "text/event-stream": { schema: z.string() } },
  },
  ...problems,
};

/** Refuses a client that asks for anything but an event stream, before the stream's own handling does. */
async function acceptsStream({ headers: { accept } }: FastifyRequest): Promise<void> {
  const ranges = (accept ?? "*/*").split(",").map((range) => range.replaceAll(" ", "").toLowerCase());
  const taken = ranges.some((range) =>
    /^(text\/event-stream|text\/\*|\*\/\*)(;(?!q=0(\.0*)?$).*)?$/.test(range),
  );
  if (taken) return;
  throw problem("unsupported", "This route only has text/event-stream.", { status: 406 });
}

export const eventRoutes: FastifyPluginAsyncZod<{ context: ApiContext; streams: EventStreams }> = async (
  app,
  { context, streams },
) => {
  app.get(
    "/sweeps/:id/events",
    {
      sse: "only",
      preHandler: acceptsStream,
      schema: {
        operationId: "streamSweepEvents",
        summary: "What happens in a sweep, as it happens",
        tags: ["sweeps"],
        params: idParams,
        response: stream,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await isThere(context.db, { sweepId: id }))) throw notFound("sweep", id);
      await streams.open(reply, { sweepId: id }, leaveOf(context, request));
    },
  );

  app.get(
    "/runs/:id/events",
    {
      sse: "only",
      preHandler: acceptsStream,
      schema: {
        operationId: "streamRunEvents",
        summary: "What happens in a run, as it happens",
        tags: ["runs"],
        params: idParams,
        response: stream,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await isThere(context.db, { runId: id }))) throw notFound("run", id);
      await streams.open(reply, { runId: id }, leaveOf(context, request));
    },
  );
};
