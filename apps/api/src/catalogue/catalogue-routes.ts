import {
  type DatasetInfo,
  datasetList,
  didYouMean,
  preset,
  presetList,
  trainerList,
} from "@reprise/contracts";
import { announcedTrainers } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { problem } from "../http/problems.js";
import { problems } from "../http/wire.js";

export const catalogueRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.get(
    "/trainers",
    {
      schema: {
        operationId: "listTrainers",
        summary: "Trainers as workers announce them; one without workers was announced before",
        tags: ["catalogue"],
        response: { 200: trainerList, ...problems },
      },
    },
    async () => ({ items: await announcedTrainers(context.db) }),
  );

  app.get(
    "/datasets",
    {
      schema: {
        operationId: "listDatasets",
        summary: "Data sets that trainers offer; absent ones say where to put them",
        tags: ["catalogue"],
        response: { 200: datasetList, ...problems },
      },
    },
    async () => {
      const byName = new Map<string, DatasetInfo>();
      for (const { capabilities } of await announcedTrainers(context.db)) {
        for (const dataset of capabilities.datasets) {
          // Where one trainer has the data and another lacks it, the one that has it describes it.
          if (!byName.get(dataset.name)?.available) byName.set(dataset.name, dataset);
        }
      }
      return { items: [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
    },
  );

  app.get(
    "/presets",
    {
      schema: {
        operationId: "listPresets",
        summary: "Studies that come with Reprise, as specs",
        tags: ["catalogue"],
        response: { 200: presetList, ...problems },
      },
    },
    async () => ({ items: context.presets() }),
  );

  app.get(
    "/presets/*",
    {
      schema: {
        operationId: "getPreset",
        summary: "One preset by name; names may contain slashes",
        tags: ["catalogue"],
        params: z.strictObject({ "*": z.string().min(1).max(200) }),
        response: { 200: preset, ...problems },
      },
    },
    async (request) => {
      const name = request.params["*"];
      const presets = context.presets();
      const preset = presets.find((candidate) => candidate.name === name);
      if (preset) return preset;
      const names = presets.map((candidate) => candidate.name);
      throw problem("not-found", `There is no preset ${name}. ${didYouMean(name, names)}`);
    },
  );
};
