import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { sampleRequest } from "./check/sample-request.js";
import { killGroup } from "./process-group.js";
import { runTrainer } from "./run-trainer.js";
import { createSpareTrainers, type SpareTrainers, type TrainerStart } from "./spare-trainers.js";
import { trainerCommand } from "./trainer-command.js";
import { scrubbedEnvironment } from "./trainer-environment.js";

const program = `
  const say = (event) => require("node:fs").writeSync(3, JSON.stringify(event) + "\\n");
  process.stdin.once("data", (text) => {
    const { parameters } = JSON.parse(text);
    say({ type: "hello", name: "t", version: "1", effectiveParameters: parameters, backend: { requested: "auto", used: "cpu" } });
    say({ type: "done", digest: null, selectedEpoch: null });
    process.exit(0);
  });
  process.stdin.on("end", () => process.exit(3));
`;
const start = (changes: Partial<TrainerStart> = {}): TrainerStart => ({
  command: process.execPath,
  args: ["-e", program],
  environment: scrubbedEnvironment(process.env),
  workingDirectory: undefined,
  niceness: 0,
  ...changes,
});

const opened: SpareTrainers[] = [];
const taken: ChildProcess[] = [];
function spares(most = 2, restFor?: number): SpareTrainers {
  const made = createSpareTrainers(most, restFor);
  opened.push(made);
  return made;
}
function take(from: SpareTrainers, how: TrainerStart = start()): ChildProcess | null {
  const child = from.take(how);
  if (child) taken.push(child);
  return child;
}
afterEach(() => {
  for (const each of opened.splice(0)) each.accept(false);
  for (const child of taken.splice(0)) killGroup(child);
});

test("one that waits is taken once, and only for a run that would be started in the same way", async () => {
  const waiting = spares();
  expect(take(waiting)).toBeNull();
  waiting.prepare(start());
  const { environment } = start();
  expect(take(waiting, start({ environment: { ...environment, OMP_NUM_THREADS: "1" } }))).toBeNull();
  expect(take(waiting, start({ args: ["-e", `${program};`] }))).toBeNull();
  expect(take(waiting, start({ workingDirectory: tmpdir() }))).toBeNull();
  const child = take(waiting);
  expect(child?.pid).toBeGreaterThan(0);
  expect(take(waiting)).toBeNull();
});

test("one that has loaded a file as it is no more is not used", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "reprise-spare-")), "train.cjs");
  await writeFile(file, program);
  const waiting = spares();
  waiting.prepare(start({ args: [file] }));
  await writeFile(file, `${program}\n// changed`);
  expect(take(waiting, start({ args: [file] }))).toBeNull();
});

test("of more than may wait, the one that was wanted longest ago ends", async () => {
  const waiting = spares(2);
  const arm = (name: string) => start({ environment: { ...start().environment, ARM: name } });
  for (const name of ["a", "b", "a", "c"]) waiting.prepare(arm(name));
  expect(take(waiting, arm("b"))).toBeNull();
  expect(take(waiting, arm("a"))).not.toBeNull();
  expect(take(waiting, arm("c"))).not.toBeNull();
});

/** A start that appends the number of its process to a file, and the first of these numbers once it is there. */
async function telling(then = "") {
  const file = join(await mkdtemp(join(tmpdir(), "reprise-spare-")), "pid");
  const how = start({
    args: [
      "-e",
      `require("node:fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); ${then || program}`,
    ],
  });
  const pid = async () => {
    await expect
      .poll(() => existsSync(file) && Number(readFileSync(file, "utf8")), { timeout: 20_000 })
      .toBeGreaterThan(1);
    return Number(readFileSync(file, "utf8"));
  };
  return { how, pid };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test("one that dies while it waits is missed by nobody", async () => {
  const waiting = spares();
  const { how, pid } = await telling("process.exit(1)");
  waiting.prepare(how);
  const dead = await pid();
  await expect.poll(() => isGone(dead), { timeout: 20_000 }).toBe(true);
  expect(take(waiting, how)).toBeNull();
});

test("they end soon after the last run, and at once where none may follow; none is started until one does", async () => {
  const waiting = spares(2, 10);
  const first = await telling();
  waiting.prepare(first.how);
  const resting = await first.pid();
  waiting.rest();
  await expect.poll(() => isGone(resting), { timeout: 20_000 }).toBe(true);
  waiting.prepare(start());
  expect(take(waiting)).toBeNull();
  const second = await telling();
  waiting.prepare(second.how);
  const idle = await second.pid();
  waiting.accept(false);
  await expect.poll(() => isGone(idle), { timeout: 20_000 }).toBe(true);
  waiting.prepare(start());
  expect(take(waiting)).toBeNull();
  waiting.accept(true);
  waiting.prepare(start());
  expect(take(waiting)).not.toBeNull();
});

test("each run has a process of its own, and one that was killed as it was taken costs no run", async () => {
  const waiting = spares();
  const pids: number[] = [];
  const run = async (from: Pick<SpareTrainers, "take" | "prepare">) => {
    const outcome = await runTrainer({
      trainer: trainerCommand.parse({ name: "t", command: process.execPath, args: ["-e", program] }),
      request: sampleRequest(),
      environment: start().environment,
      onEvent: () => {},
      onLog: () => {},
      onStart: (pid) => pids.push(pid),
      spares: from,
    });
    expect(outcome.status).toBe("succeeded");
  };
  // Whether one follows may be known only at the end.
  let asked = 0;
  await run({
    ...waiting,
    prepare: (how) => {
      asked += 1;
      if (asked === 2) waiting.prepare(how);
    },
  });
  await run(waiting);
  const spare = waiting.take(start());
  if (!spare?.pid) throw new Error("no spare waits");
  const dying = () => {
    killGroup(spare);
    return spare;
  };
  await run({ ...waiting, take: dying });
  expect(pids).toHaveLength(4);
  expect(pids[2]).toBe(spare.pid);
  expect(new Set(pids).size).toBe(4);
});
