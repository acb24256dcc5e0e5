import {
  type Run,
  run as runSchema,
  type Sweep,
  sweepPreview,
  sweep as sweepSchema,
} from "@reprise/contracts";
import { countRuns } from "@reprise/study";
import { type Command, InvalidArgumentError } from "commander";
import { counted } from "../counted.js";
import { type ApiClient, connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { everyPage, listSweeps, sweepIdOf } from "../server/find-sweep.js";
import { printAnalyses } from "../studies/print-analyses.js";
import { printFailures } from "../studies/print-failures.js";
import { planLines } from "../studies/print-plan.js";
import { proveStudy } from "../studies/prove-study.js";
import { readStudy } from "../studies/read-study.js";

type RunOptions = ServerOptions & { wait: boolean; replicates?: number };

export function addSweepCommands(program: Command): void {
  const sweep = program.command("sweep").description("plan, run and watch studies");
  const replicates = ["--replicates <n>", "seeds per configuration, instead of those of the study"] as const;

  sweep
    .command("plan <study>")
    .description(
      "print the runs of a preset or YAML file, without running anything; what trainer and data set allow is checked by `sweep run`",
    )
    .option(...replicates, wholeNumber)
    .action(async (study: string, options: { replicates?: number }) => {
      const { sweeps } = await readStudy(study, options);
      for (const { spec } of sweeps) {
        if (sweeps.length > 1) console.log(`${spec.name}:`);
        for (const line of planLines(spec)) console.log(line);
      }
      const total = sweeps.reduce((sum, { spec }) => sum + countRuns(spec), 0n);
      if (sweeps.length > 1) console.log(`${counted(total, "run")} in all`);
    });

  withServer(
    sweep.command("run <study>").description("queue a preset or YAML file, wait for it and print its tables"),
  )
    .option("--no-wait", "only queue it")
    .option(...replicates, wholeNumber)
    .action(runStudy);

  withServer(sweep.command("list").description("print all sweeps with their ids, the latest first")).action(
    async (options: ServerOptions) => {
      const sweeps = await listSweeps(connectApi(findEndpoint(options)));
      if (sweeps.length === 0) console.log("No sweep yet. `reprise sweep run quickstart` makes the first.");
      for (const listed of sweeps) console.log(`${listed.id}  ${statusLine(listed)}`);
    },
  );

  withServer(
    sweep.command("runs <sweep>").description("print the runs of a sweep with their ids and digests"),
  ).action(async (meant: string, options: ServerOptions) => {
    const api = connectApi(findEndpoint(options));
    const id = await sweepIdOf(api, meant);
    const items = await everyPage(api, `/runs?sweepId=${id}&`, runSchema);
    items.sort((a, b) => titleOf(a).localeCompare(titleOf(b), "en", { numeric: true }));
    for (const run of items)
      console.log(`${run.id}  ${titleOf(run)}: ${run.digest?.slice(0, 8) ?? run.status}`);
  });

  withServer(sweep.command("status <sweep>").description("print how far a sweep is")).action(
    async (meant: string, options: ServerOptions) => {
      const api = connectApi(findEndpoint(options));
      const path = `/sweeps/${encodeURIComponent(await sweepIdOf(api, meant))}`;
      const now = await api.get(path, sweepSchema);
      console.log(statusLine(now));
      await printFailures(api, now);
    },
  );

  for (const action of ["pause", "resume", "cancel", "retry-failed"] as const) {
    const what = `${action.replace("-", " ")} ${action === "retry-failed" ? "runs of " : ""}a sweep`;
    withServer(sweep.command(`${action} <sweep>`).description(what)).action(
      async (meant: string, options: ServerOptions) => {
        const api = connectApi(findEndpoint(options));
        const path = `/sweeps/${encodeURIComponent(await sweepIdOf(api, meant))}/${action}`;
        console.log(statusLine(await api.post(path, {}, sweepSchema)));
      },
    );
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1.");
  return value;
}

/** Queues every sweep of the study, then prints the tables of each as it ends, and the proof where the study has one. */
async function runStudy(study: string, options: RunOptions): Promise<void> {
  const { sweeps, proof } = await readStudy(study, options);
  const url = findEndpoint(options);
  const api = connectApi(url);
  // Parts of one study are alike, and so is what is to be noted on them.
  const notes = new Map<string, string[]>();
  for (const { spec, document } of sweeps) {
    const { warnings } = await api.post("/sweeps/preview", document, sweepPreview);
    for (const warning of warnings) notes.set(warning, [...(notes.get(warning) ?? []), spec.name]);
  }
  for (const [warning, names] of notes) console.log(`note on ${names.join("; ")}: ${warning}`);
  const queued: Sweep[] = [];
  for (const { preset, document } of sweeps) {
    const query = preset === null ? "" : `?preset=${encodeURIComponent(preset)}`;
    const created = await api.post(`/sweeps${query}`, document, sweepSchema);
    console.log(`${created.name}: ${counted(created.totalRuns, "run")} queued, ${url}/sweeps/${created.id}`);
    queued.push(created);
  }
  if (!options.wait) return;
  process.once("SIGINT", () => {
    const [only] = queued.length === 1 ? queued : [];
    const look = only ? `status ${only.id}` : "list";
    console.log(
      `\nThe study goes on. \`reprise sweep ${look}\` says how far it is, \`sweep cancel\` ends it.`,
    );
    process.exit(130);
  });
  const ended: Sweep[] = [];
  for (const { id } of queued) {
    const sweep = await untilEnded(api, id);
    ended.push(sweep);
    await printFailures(api, sweep);
    // Of no run there are no tables to show.
    if (sweep.runCounts.succeeded > 0) await printAnalyses(api, sweep);
  }
  const proved = proof === null ? undefined : ended[proof];
  if (proved) await proveStudy(api, proved);
  const unfinished = ended.filter(({ status }) => status !== "succeeded");
  if (unfinished.length > 0) throw new Error(unfinished.map(statusLine).join("\n"));
}

const titleOf = ({ configurationLabel, seed, arm, repeat }: Run) =>
  `${configurationLabel}, seed ${seed}, ${arm} ${repeat + 1}`;

function statusLine(sweep: Sweep): string {
  const { runCounts } = sweep;
  const counts = Object.entries(runCounts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return `${sweep.name}: ${sweep.status} (${counts.join(", ")})`;
}

/** Waits for the end; on a terminal one line keeps up with the runs, elsewhere every tenth of them is a line. */
async function untilEnded(api: ApiClient, id: string): Promise<Sweep> {
  const live = process.stdout.isTTY;
  let shown = "";
  for (;;) {
    const sweep = await api.get(`/sweeps/${id}`, sweepSchema);
    const ended = ["succeeded", "failed", "cancelled"].includes(sweep.status);
    const { queued, running } = sweep.runCounts;
    const tenth = Math.floor((10 * (sweep.totalRuns - queued - running)) / sweep.totalRuns);
    const stage = live ? statusLine(sweep) : `${sweep.status} ${tenth}`;
    if (stage !== shown)
      process.stdout.write(live ? `\r\x1b[K${statusLine(sweep)}` : `${statusLine(sweep)}\n`);
    shown = stage;
    if (ended && live) process.stdout.write("\n");
    if (ended) return sweep;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
