import { type Sweep, sweepPreview, sweep as sweepSchema } from "@reprise/contracts";
import { counted } from "../counted.js";
import { type ApiClient, connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions } from "../server/endpoint.js";
import { printAnalyses } from "./print-analyses.js";
import { printFailures } from "./print-failures.js";
import { proveStudy } from "./prove-study.js";
import { readStudy } from "./read-study.js";
import { statusLine } from "./status-line.js";

type RunOptions = ServerOptions & { wait: boolean; replicates?: number };

/** Queues every sweep of the study, then prints the tables of each as it ends, and the proof where the study has one. */
export async function runStudy(study: string, options: RunOptions): Promise<void> {
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
