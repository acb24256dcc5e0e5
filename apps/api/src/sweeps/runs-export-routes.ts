import { Readable } from "node:stream";
import { type RunsExport, runsExport, runsExports, type Sweep } from "@reprise/contracts";
import { type Database, getSweep, readMetrics, runsForAnalysis } from "@reprise/database";
import { type ExportedRun, longCsv, mlflowStore, runsParquet, wandbJsonLines, wideCsv } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { ZipFile } from "yazl";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { attachment } from "../http/file-name.js";
import { problem } from "../http/problems.js";
import { idParams, problems } from "../http/wire.js";

/** The study runs of a sweep in their order, the histories of each read when its turn comes. */
async function* exported(
  db: Database,
  runs: Awaited<ReturnType<typeof runsForAnalysis>>,
): AsyncGenerator<ExportedRun> {
  for (const run of runs) {
    const metrics = await readMetrics(db, run.id, {});
    yield { run, series: metrics?.series ?? {} };
  }
}

/** A zip whose files are written one after the other, as they are made. */
async function zipOf(files: AsyncIterable<{ path: string; content: string }>): Promise<Readable> {
  const zip = new ZipFile();
  for await (const { path, content } of files) zip.addBuffer(Buffer.from(content), path);
  zip.end();
  return Readable.from(zip.outputStream as AsyncIterable<Buffer>);
}

async function streamOf(db: Database, sweep: Sweep, format: RunsExport): Promise<Readable> {
  const runs = await runsForAnalysis(db, sweep.id);
  const all = () => exported(db, runs);
  if (format === "csv-long") return Readable.from(longCsv(all()));
  if (format === "csv-wide") {
    const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
    const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.summary)))].sort();
    return Readable.from(wideCsv(all(), { params, metrics }));
  }
  if (format === "wandb-jsonl") return Readable.from(wandbJsonLines(all()));
  if (format === "parquet") return Readable.from([Buffer.from(await runsParquet(all()))]);
  return zipOf(mlflowStore(sweep, all()));
}

export const runsExportRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;
  app.get(
    "/sweeps/:id/runs.export",
    {
      schema: {
        operationId: "exportRuns",
        summary:
          "The runs of a study with settings and histories as a file for other programs: CSV, Parquet, MLflow, W&B",
        tags: ["sweeps"],
        params: idParams,
        querystring: z.strictObject({ format: runsExport }),
        response: {
          200: {
            description: "The file",
            content: Object.fromEntries(
              Object.values(runsExports).map(({ type }) => [
                type.split(";", 1)[0] ?? type,
                { schema: z.unknown() },
              ]),
            ),
          },
          ...problems,
        },
      },
    },
    async ({ params: { id }, query: { format } }, reply) => {
      const sweep = await getSweep(db, id);
      if (sweep === null) throw problem("not-found", `There is no sweep ${id}.`);
      const { suffix, type } = runsExports[format];
      return reply
        .type(type)
        .header("content-disposition", attachment(sweep.name, suffix))
        .send(await streamOf(db, sweep, format));
    },
  );
};
