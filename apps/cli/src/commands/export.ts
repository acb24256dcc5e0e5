import { createWriteStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  analysisNames,
  didYouMean,
  exportFormats,
  type RunsExport,
  runsExportNames,
  runsExports,
} from "@reprise/contracts";
import { type Command, Option } from "commander";
import { unwritable } from "../file-error.js";
import { type ApiClient, connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { sweepIdOf } from "../server/find-sweep.js";
import { UserError } from "../user-error.js";

type ExportOptions = ServerOptions & {
  format: string;
  metric?: string;
  output?: string;
  crate?: boolean;
  runs?: RunsExport;
};

/** The whole study as an archive; a broken transfer leaves no file. */
async function exportCrate(api: ApiClient, sweep: string, options: ExportOptions): Promise<void> {
  const file = options.output ?? `${sweep}.crate.zip`;
  const unfinished = `${file}.part`;
  const archive = await api.stream(`/sweeps/${encodeURIComponent(sweep)}/crate`);
  try {
    await pipeline(Readable.fromWeb(archive), createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unwritable(file, error, "--output");
  }
  console.log(`study archived as ${file}`);
}

/** The runs with settings and histories, for another program; a broken transfer leaves no file. */
async function exportRuns(
  api: ApiClient,
  sweep: string,
  format: RunsExport,
  options: ExportOptions,
): Promise<void> {
  const file = options.output ?? `${sweep}.${runsExports[format].suffix}`;
  const unfinished = `${file}.part`;
  const stream = await api.stream(`/sweeps/${encodeURIComponent(sweep)}/runs.export?format=${format}`);
  try {
    await pipeline(Readable.fromWeb(stream), createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unwritable(file, error, "--output");
  }
  console.log(`runs written to ${file}`);
}

async function exportAnalysis(
  api: ApiClient,
  sweep: string,
  analysis: string,
  options: ExportOptions,
): Promise<void> {
  const query = new URLSearchParams({
    format: options.format,
    ...(options.metric ? { metric: options.metric } : {}),
  });
  const text = await api.text(`/sweeps/${encodeURIComponent(sweep)}/analyses/${analysis}?${query}`);
  const { output } = options;
  if (output)
    await writeFile(output, text).catch((error: unknown) => {
      throw unwritable(output, error, "--output");
    });
  else process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** An archive holds everything in its own form: a choice among it is a mistake. @throws {UserError} */
function refuseBesideCrate(analysis: string | undefined, command: Command): void {
  const chosen = ["format", "metric"].filter((option) => command.getOptionValueSource(option) === "cli");
  const named = [...(analysis === undefined ? [] : [analysis]), ...chosen.map((option) => `--${option}`)];
  if (named.length === 0) return;
  throw new UserError(`--crate archives the whole study: leave out ${named.join(" and ")}, or --crate`);
}

export function exportCommand(command: Command): void {
  withServer(command)
    .addHelpText("after", `\nAnalyses: ${analysisNames.join(", ")}`)
    .option("--crate", "the whole study as an RO-Crate, a zip that `reprise import` reads back")
    .addOption(
      new Option("--runs <format>", "the runs with settings and histories, for another program").choices(
        runsExportNames,
      ),
    )
    .addOption(new Option("--format <format>", "file format").choices([...exportFormats]).default("markdown"))
    .option("--metric <key>", "metric to analyse; default: the analysis plan's primary metric")
    .option("--output <file>", "file to write; default: the terminal, or <sweep>.crate.zip")
    .action(async (sweep: string, analysis: string | undefined, options: ExportOptions, command: Command) => {
      if (options.crate) refuseBesideCrate(analysis, command);
      const api = connectApi(findEndpoint(options));
      if (options.crate) return exportCrate(api, await sweepIdOf(api, sweep), options);
      if (options.runs !== undefined) {
        if (analysis !== undefined)
          throw new UserError(`--runs exports the runs: leave out ${analysis}, or --runs`);
        return exportRuns(api, await sweepIdOf(api, sweep), options.runs, options);
      }
      if (analysis === undefined) {
        throw new UserError(
          `name an analysis (${analysisNames.join(", ")}), or the runs with --runs, or all with --crate`,
        );
      }
      if (!analysisNames.some((name) => name === analysis)) {
        throw new UserError(`there is no analysis "${analysis}". ${didYouMean(analysis, analysisNames)}`);
      }
      return exportAnalysis(api, await sweepIdOf(api, sweep), analysis, options);
    });
}
