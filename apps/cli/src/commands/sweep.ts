import { createInterface } from "node:readline/promises";
import { type Run, run as runSchema, sweep as sweepSchema, whereDiverged } from "@reprise/contracts";
import { countRuns } from "@reprise/study";
import { type Command, InvalidArgumentError } from "commander";
import { counted } from "../counted.js";
import { connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { everyPage, listSweeps, sweepIdOf } from "../server/find-sweep.js";
import { printFailures } from "../studies/print-failures.js";
import { deviationLines, planLines } from "../studies/print-plan.js";
import { readStudy } from "../studies/read-study.js";
import { runStudy } from "../studies/run-study.js";
import { statusLine } from "../studies/status-line.js";
import { UserError } from "../user-error.js";

export function sweepCommands(sweep: Command): void {
  const replicates = ["--replicates <n>", "seeds per configuration, instead of those of the study"] as const;

  sweep
    .command("plan <study>")
    .description(
      "print the runs of a preset or YAML file, without running anything; what trainer and data set allow is checked by `sweep run`",
    )
    .option(...replicates, wholeNumber)
    .action(async (study: string, options: { replicates?: number }) => {
      const { sweeps } = await readStudy(study, options);
      for (const { spec, published } of sweeps) {
        if (sweeps.length > 1) console.log(`${spec.name}:`);
        const deviations = published === null ? [] : deviationLines(published);
        for (const line of [...planLines(spec), ...deviations]) console.log(line);
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
      console.log(
        `${run.id}  ${titleOf(run)}: ${run.digest?.slice(0, 8) ?? run.status}${run.diverged ? ` (diverged: ${whereDiverged(run)})` : ""}`,
      );
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

  for (const [action, archived, description] of [
    ["archive", true, "put a sweep that has ended aside: lists leave it out"],
    ["unarchive", false, "bring a sweep back that was put aside, by its id"],
  ] as const) {
    withServer(sweep.command(`${action} <sweep>`).description(description)).action(
      async (meant: string, options: ServerOptions) => {
        const api = connectApi(findEndpoint(options));
        const path = `/sweeps/${encodeURIComponent(await sweepIdOf(api, meant))}`;
        console.log(statusLine(await api.patch(path, { archived }, sweepSchema)));
      },
    );
  }

  withServer(
    sweep
      .command("delete <sweep>")
      .description("delete a sweep that has ended, with its runs, results and files"),
  )
    .option("--yes", "do not ask; it cannot be undone")
    .action(async (meant: string, options: ServerOptions & { yes?: boolean }) => {
      const api = connectApi(findEndpoint(options));
      const path = `/sweeps/${encodeURIComponent(await sweepIdOf(api, meant))}`;
      const { name, totalRuns } = await api.get(path, sweepSchema);
      if (!options.yes && !(await isSure(name, totalRuns))) throw new UserError("Nothing was deleted.");
      await api.remove(path);
      console.log(`${name} is deleted, with ${counted(totalRuns, "run")}.`);
    });
}

/** @throws {UserError} where nobody can be asked */
async function isSure(name: string, runs: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UserError("This terminal is not interactive: add --yes. Nothing was deleted.");
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asking.question(
      `${name} and its ${counted(runs, "run")} are deleted; nothing brings them back. Type the name to go on: `,
    );
    return answer.trim() === name;
  } finally {
    asking.close();
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1.");
  return value;
}

const titleOf = ({ configurationLabel, seed, arm, repeat }: Run) =>
  `${configurationLabel}, seed ${seed}, ${arm} ${repeat + 1}`;
