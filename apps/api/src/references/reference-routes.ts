import {
  auditReport,
  besideQuery,
  besideReference as besideReferenceSchema,
  referenceList,
  referenceStudy,
} from "@reprise/contracts";
import { getSweep } from "@reprise/database";
import {
  auditReference,
  besideReference,
  getReference,
  listReferences,
  referenceSummaries,
} from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { found, problem } from "../http/problems.js";
import { problems } from "../http/wire.js";

const params = z.strictObject({ paper: z.string().min(1).max(100) });

export const referenceRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  // They ship with this version and never change while it runs.
  const references = listReferences();
  const audits = new Map(references.map((reference) => [reference.name, auditReference(reference)]));

  function referenceNamed(name: string) {
    const found = getReference(name, references);
    if (found.ok) return found.value;
    throw problem("not-found", `There is no reference ${name}. ${found.errors[0]?.suggestion ?? ""}`.trim());
  }

  app.get(
    "/references",
    {
      schema: {
        operationId: "listReferences",
        summary: "Published studies whose tables come with Reprise",
        tags: ["references"],
        response: { 200: referenceList, ...problems },
      },
    },
    async () => referenceSummaries(references),
  );

  app.get(
    "/references/:paper",
    {
      schema: {
        operationId: "getReference",
        summary:
          "The tables of a published study as printed, with the origin of every column and the claims of its text",
        tags: ["references"],
        params,
        response: { 200: referenceStudy, ...problems },
      },
    },
    async (request) => referenceNamed(request.params.paper),
  );

  app.get(
    "/references/:paper/audit",
    {
      schema: {
        operationId: "auditReference",
        summary: "What does not add up in the tables of a published study, found by rule",
        tags: ["references"],
        params,
        response: { 200: auditReport, ...problems },
      },
    },
    async (request) => {
      const reference = referenceNamed(request.params.paper);
      return audits.get(reference.name) ?? auditReference(reference);
    },
  );

  app.get(
    "/references/:paper/beside/:id",
    {
      schema: {
        operationId: "besideReference",
        summary: "A measured table of a sweep beside the published one, where configurations match",
        tags: ["references"],
        params: params.extend({ id: z.uuid() }),
        querystring: besideQuery,
        response: { 200: besideReferenceSchema, ...problems },
      },
    },
    async ({ params: { paper, id }, query: { analysis, metric, dataset } }) => {
      const reference = referenceNamed(paper);
      const measured = await context.compute.analysis({ sweepId: id, name: analysis, metric, options: {} });
      const { selection, objective } = found(await getSweep(context.db, id), "sweep", id).spec;
      return besideReference(reference, measured, { dataset, reported: { selection, objective } });
    },
  );
};
