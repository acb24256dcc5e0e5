import { readFile } from "node:fs/promises";
import {
  fieldErrorLine,
  parseSweepSpec,
  type Sweep,
  sweepPreview,
  sweep as sweepSchema,
} from "@reprise/contracts";
import {
  assertExpandable,
  countRuns,
  expandSweep,
  getPreset,
  listPresets,
  SweepDesignError,
} from "@reprise/study";
import type { Command } from "commander";
import { parse as parseYaml } from "yaml";
import { type ApiClient, connectApi } from "../api-client.js";
import { findEndpoint } from "../endpoint.js";
import { printAnalyses } from "../print-analyses.js";
import { UserError } from "../user-error.js";

export function addSweepCommands(program: Command): void {
  const sweep = program.command("sweep").description("plan, run and watch studies");

  sweep
    .command("plan <study>")
    .description("print the runs of a preset or YAML file, without running anything")
    .action(async (study: string) => {
      const spec = await readStudy(study);
      for (const run of expandSweep(spec)) {
        console.log(
          `${String(run.position + 1).padStart(5)}  ${run.configurationLabel}  seed ${run.seed}  ${run.arm} ${run.repeat + 1}`,
        );
      }
      console.log(`${countRuns(spec)} runs`);
    });

  sweep
    .command("run <study>")
    .description("queue a preset or YAML file, wait for it and print its tables")
    .option("--data <folder>", "data directory of the running server", "data")
    .option("--no-wait", "only queue it")
    .action(async (study: string, options: { data: string; wait: boolean }) => {
      const spec = await readStudy(study);
      const url = findEndpoint(options.data);
      const api = connectApi(url);
      const preview = await api.post("/sweeps/preview", spec, sweepPreview);
      for (const warning of preview.warnings) console.log(`note: ${warning}`);
      const created = await api.post("/sweeps", spec, sweepSchema);
      console.log(`${created.name}: ${created.totalRuns} runs queued, ${url}/sweeps/${created.id}`);
      if (!options.wait) return;
      const ended = await untilEnded(api, created.id);
      await printAnalyses(api, ended.id);
      if (ended.status !== "succeeded")
        throw new Error(`the sweep ${ended.status}: ${ended.runCounts.failed} runs failed`);
    });

  sweep
    .command("status <id>")
    .description("print how far a sweep is")
    .option("--data <folder>", "data directory of the running server", "data")
    .action(async (id: string, options: { data: string }) => {
      console.log(
        statusLine(
          await connectApi(findEndpoint(options.data)).get(`/sweeps/${encodeURIComponent(id)}`, sweepSchema),
        ),
      );
    });

  for (const action of ["pause", "resume", "cancel", "retry-failed"] as const) {
    sweep
      .command(`${action} <id>`)
      .description(`${action.replace("-", " ")} ${action === "retry-failed" ? "runs of " : ""}a sweep`)
      .option("--data <folder>", "data directory of the running server", "data")
      .action(async (id: string, options: { data: string }) => {
        const path = `/sweeps/${encodeURIComponent(id)}/${action}`;
        console.log(statusLine(await connectApi(findEndpoint(options.data)).post(path, {}, sweepSchema)));
      });
  }
}

/** A study by the name of a preset or the path of a YAML (or JSON) file. */
async function readStudy(study: string) {
  const document = /\.(ya?ml|json)$/.test(study) ? await readDocument(study) : presetSpec(study);
  const parsed = parseSweepSpec(document);
  if (!parsed.ok) throw new UserError(parsed.errors.map(fieldErrorLine).join("\n"));
  try {
    assertExpandable(parsed.value);
  } catch (error) {
    if (error instanceof SweepDesignError) throw new UserError(error.errors.map(fieldErrorLine).join("\n"));
    throw error;
  }
  return parsed.value;
}

async function readDocument(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(`cannot read ${path}`);
  });
  try {
    return parseYaml(text);
  } catch (error) {
    throw new UserError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function presetSpec(name: string): unknown {
  const preset = getPreset(name);
  if (preset.ok) return preset.value.spec;
  const known = listPresets().map((known) => known.name);
  throw new UserError(
    `${preset.errors.map(fieldErrorLine).join("\n")}\nPresets: ${known.join(", ")}. A file ends in .yaml or .json.`,
  );
}

function statusLine(sweep: Sweep): string {
  const { runCounts } = sweep;
  const counts = Object.entries(runCounts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return `${sweep.name}: ${sweep.status} (${counts.join(", ")})`;
}

async function untilEnded(api: ApiClient, id: string): Promise<Sweep> {
  let shown = "";
  for (;;) {
    const sweep = await api.get(`/sweeps/${id}`, sweepSchema);
    const line = statusLine(sweep);
    if (line !== shown) console.log(line);
    shown = line;
    if (["succeeded", "failed", "cancelled"].includes(sweep.status)) return sweep;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
