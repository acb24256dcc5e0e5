import { writeFile } from "node:fs/promises";
import { analysisNames, didYouMean, exportFormats } from "@reprise/contracts";
import { type Command, Option } from "commander";
import { connectApi } from "../api-client.js";
import { findEndpoint } from "../endpoint.js";
import { UserError } from "../user-error.js";

export function addExportCommand(program: Command): void {
  program
    .command("export <sweep> <analysis>")
    .description(`write one analysis of a sweep: ${analysisNames.join(", ")}`)
    .addOption(new Option("--format <format>", "file format").choices([...exportFormats]).default("markdown"))
    .option("--metric <key>", "metric to analyse; default: the analysis plan's primary metric")
    .option("--output <file>", "file to write; default: the terminal")
    .option("--data <folder>", "data directory of the running server", "data")
    .action(
      async (
        sweep: string,
        analysis: string,
        options: { format: string; metric?: string; output?: string; data: string },
      ) => {
        if (!analysisNames.some((name) => name === analysis)) {
          throw new UserError(`there is no analysis "${analysis}". ${didYouMean(analysis, analysisNames)}`);
        }
        const query = new URLSearchParams({
          format: options.format,
          ...(options.metric ? { metric: options.metric } : {}),
        });
        const api = connectApi(findEndpoint(options.data));
        const text = await api.text(`/sweeps/${encodeURIComponent(sweep)}/analyses/${analysis}?${query}`);
        if (options.output) await writeFile(options.output, text);
        else process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
      },
    );
}
